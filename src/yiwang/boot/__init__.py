"""Composition root: settings, urls, servers, worker, command line, demo. Nobody imports it."""
