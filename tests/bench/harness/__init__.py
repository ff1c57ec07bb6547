"""Compares quarryd with memcached: starts both, drives both with the load generator, reports."""
