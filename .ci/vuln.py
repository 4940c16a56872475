"""Reads govulncheck's JSON report: vuln.py REPORT LET_THROUGH...

Fails for each vulnerability whose code the program calls, unless its id is let through; says when an id need not be.
"""

import json
import sys


def messages(text):
    decoder = json.JSONDecoder()
    at = 0
    while at < len(text):
        message, at = decoder.raw_decode(text, at)
        yield message
        while at < len(text) and text[at].isspace():
            at += 1


def main(path, let_through):
    called, summaries, scanned = {}, {}, False
    with open(path, encoding="utf-8") as report:
        for message in messages(report.read().strip()):
            scanned = scanned or "config" in message
            if osv := message.get("osv"):
                summaries[osv["id"]] = osv.get("summary", "")
            if (finding := message.get("finding")) and finding["trace"][0].get("function"):
                called[finding["osv"]] = finding["trace"]
    if not scanned:
        sys.exit(f"vuln: {path} is no report of govulncheck")
    for vulnerability in let_through:
        if vulnerability in summaries and vulnerability not in called:
            print(f"{vulnerability}: in a module of ours, but not called: it is let through in vain")
    failed = sorted(called.keys() - set(let_through))
    for vulnerability in failed:
        trace = called[vulnerability]
        module = f"{trace[0]['module']}@{trace[0].get('version', '?')}"
        print(f"{vulnerability} in {module}, {trace[0]['function']}: {summaries.get(vulnerability)}", file=sys.stderr)
    print(f"vulnerabilities called: {len(called)}, let through: {len(called) - len(failed)}")
    sys.exit(1 if failed else 0)


main(sys.argv[1], sys.argv[2:])
