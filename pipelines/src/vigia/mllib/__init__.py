"""Training by Spark: MLlib's learners and XGBoost on Spark, from the same rows to the same graph and bundle."""
