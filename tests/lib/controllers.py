#!/usr/bin/env python3
"""controllers.py DIR: what a cluster's controllers do to Jobs, for an API server of cluster.sh that has none.

Every Job that is not finished is reported as complete, at once; Helm waits for hook Jobs and would wait for ever. Runs until it
is ended. As px-central's own check before an upgrade does, the Job pre-upgrade-check takes the Job of the installation away,
whose template no upgrade could change. DIR is that of cluster.sh."""
import datetime
import json
import re
import ssl
import sys
import time
import urllib.error
import urllib.request

directory = sys.argv[1]
config = open(directory + '/kubeconfig', encoding='utf-8').read()
server = re.search(r'server: "([^"]+)"', config).group(1)
token = re.search(r'token: (\w+)', config).group(1)
tls = ssl.create_default_context(cafile=directory + '/ca.crt')


def call(method, path, body=None, kind='application/merge-patch+json'):
    request = urllib.request.Request(server + path, method=method, data=json.dumps(body).encode() if body else None,
                                     headers={'Authorization': 'Bearer ' + token, 'Content-Type': kind})
    with urllib.request.urlopen(request, context=tls, timeout=10) as answer:
        return json.load(answer)


def complete(job):
    if job['metadata']['name'] == 'pre-upgrade-check':
        try:
            call('DELETE', '/apis/batch/v1/namespaces/%s/jobs/pxcentral-post-install-hook' % job['metadata']['namespace'],
                 {'propagationPolicy': 'Background'}, 'application/json')
        except urllib.error.HTTPError as e:
            if e.code != 404:
                raise
    now = datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
    conditions = [{'type': kind, 'status': 'True', 'reason': 'CompletionsReached', 'lastTransitionTime': now}
                  for kind in ('SuccessCriteriaMet', 'Complete')]
    call('PATCH', '/apis/batch/v1/namespaces/%(namespace)s/jobs/%(name)s/status' % job['metadata'],
         {'status': {'startTime': now, 'completionTime': now, 'succeeded': 1, 'conditions': conditions,
                     'uncountedTerminatedPods': {}}})


while True:
    try:
        for job in call('GET', '/apis/batch/v1/jobs')['items']:
            if not job.get('status', {}).get('conditions') and 'deletionTimestamp' not in job['metadata']:
                complete(job)
    except (OSError, ValueError) as e:  # the server starts or stops, or the Job is gone
        print(e, getattr(e, 'fp', None) and e.fp.read(), file=sys.stderr, flush=True)
    time.sleep(0.1)
