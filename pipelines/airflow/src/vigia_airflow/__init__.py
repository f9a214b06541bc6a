"""What Vigia's DAGs are made of: settings, the services' HTTP API, waits, notices."""
