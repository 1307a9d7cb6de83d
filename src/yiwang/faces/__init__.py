"""Who sees it: urls, views and templates; no models."""
