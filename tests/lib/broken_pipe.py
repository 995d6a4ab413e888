#!/usr/bin/env python3
"""Runs a command whose standard output is a pipe that nobody reads any more: broken_pipe.py COMMAND [ARGUMENT...]"""
import os
import subprocess
import sys

reader, writer = os.pipe()
os.close(reader)
sys.exit(subprocess.run(sys.argv[1:], stdout=writer).returncode)
