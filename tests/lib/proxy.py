#!/usr/bin/env python3
"""proxy.py KUBECONFIG DIR [--connections N] [--hold SECONDS [--held N] [--spared N]]: a bad line to an API server.

Listens on a free port of the loopback and writes DIR/kubeconfig, which is KUBECONFIG with that address. Every connection is
passed on, but
  --connections N  after the first N connections each further one is closed at once, and those that are open with it
  --hold SECONDS   what the server answers is held back that long, once the handshake is through, on the first --held N
                   connections (all of them) behind those that are spared
  --spared N       the first N connections are passed on without delay
Bytes are passed on as they are: what is in them is encrypted. Runs until it is ended."""
import argparse
import os
import re
import socket
import threading
import time

parser = argparse.ArgumentParser()
parser.add_argument('kubeconfig')
parser.add_argument('directory')
parser.add_argument('--connections', type=int, default=1 << 30)
parser.add_argument('--hold', type=float, default=0)
parser.add_argument('--held', type=int, default=1 << 30)
parser.add_argument('--spared', type=int, default=0)
options = parser.parse_args()

config = open(options.kubeconfig, encoding='utf-8').read()
target = re.search(r'https://127\.0\.0\.1:(\d+)', config)
listener = socket.create_server(('127.0.0.1', 0), backlog=128)
opened = []


class Link:
    """One connection: a thread for each direction, and the moment until which answers wait."""

    def __init__(self, client, hold):
        self.client = client
        self.server = socket.create_connection(('127.0.0.1', int(target.group(1))))
        self.hold = hold
        self.until = 0
        self.flights = 0  # of the client: its greeting, then the end of the handshake with its first request
        for source, sink in ((self.client, self.server), (self.server, self.client)):
            threading.Thread(target=self.copy, args=(source, sink), daemon=True).start()

    def copy(self, source, sink):
        try:
            while data := source.recv(65536):
                if source is self.client:
                    self.flights += 1
                    if self.flights == 2:
                        self.until = time.monotonic() + self.hold
                else:
                    time.sleep(max(0, self.until - time.monotonic()))
                sink.sendall(data)
        except OSError:
            pass
        self.close()

    def close(self):
        for end in (self.client, self.server):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


with open(options.directory + '/kubeconfig.new', 'w', encoding='utf-8') as f:
    f.write(config.replace(target.group(0), 'https://127.0.0.1:%d' % listener.getsockname()[1]))
os.rename(options.directory + '/kubeconfig.new', options.directory + '/kubeconfig')
while True:
    client, _ = listener.accept()
    if len(opened) >= options.connections:
        client.close()
        for link in opened:
            link.close()
    else:
        held = options.spared <= len(opened) < options.spared + options.held
        opened.append(Link(client, options.hold if held else 0))
