"""Speed and memory of stream-cb, with other libraries in the same run: `python -m benchmarks`."""
