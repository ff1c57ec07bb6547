"""Compares quarryd with memcached: starts both, drives both with the load generator, reports. Also
runs the benchmarks of the storage engine alone."""
