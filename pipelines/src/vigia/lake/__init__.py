"""
The lake: Bronze as it came, Silver typed and once, Gold ready for training.

One job for both table formats: Parquet on local disk (the embedded default) and Delta Lake.
"""
