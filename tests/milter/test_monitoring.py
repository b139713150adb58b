# SPDX-License-Identifier: Apache-2.0
"""The alert rules and the dashboard in packaging/: promtool reads them, each alert fires when it
should and not when it should not, and every metric in them is one that the daemon has."""

import json
import re
import tempfile
import pathlib
import unittest

import prometheus
import support
from case import SharedDaemonCase
from test_metrics import get

RULES = prometheus.ROOT / "packaging/prometheus/mxward.rules.yml"
DASHBOARD = prometheus.ROOT / "packaging/grafana/mxward.json"

METRIC = re.compile(r"\b((?:mxward|process)_[a-z_]+|up)\b(?=[\s{\[),]|$)")
ALERT = re.compile(r"^      - alert: (\w+)\n(.*?)(?=^      - alert: |\Z)", re.S | re.M)
# What promtool's notation makes of a series: its value each minute.
STILL, GROWS = "0+0x{minutes}", "0+60x{minutes}"

# Of each alert: after how many minutes it has to be there, the series that make it fire, and those
# that must not.
JUDGED = 'mxward_decisions_total{{job="mxward",verdict="{}",reason="x"}}'
WAITS = 'mxward_dns_waits{}_total{{job="mxward"}}'
DELAY = 'mxward_greylist_delay_seconds_{}{{job="mxward"{}}}'
TIME = 'mxward_recipient_duration_seconds_bucket{{job="mxward",le="{}"}}'


def one(name, fires, quiet, labels=""):
    series = f'{name}{{job="mxward"{labels}}}'
    return {series: fires}, {series: quiet}


CASES = {
    "MxwardDown": (3, *one("up", "0+0x{minutes}", "1+0x{minutes}")),
    "MxwardMilterStalled": (3, *one("mxward_milter_stalled", "1+0x{minutes}", "0+0x{minutes}")),
    "MxwardNotAsked": (140, *({'mxward_sessions_total{job="mxward"}': sessions,
                               'process_start_time_seconds{job="mxward"}': "0+0x{minutes}"}
                              for sessions in ("7+0x{minutes}", "7+1x{minutes}"))),
    "MxwardStoreFailing": (5, *one("mxward_store_failures_total", GROWS, STILL)),
    "MxwardStoreSetAside": (2, *one("mxward_store_set_aside", "1+0x{minutes}", "0+0x{minutes}")),
    "MxwardStoreChecking": (5, *one("mxward_store_checking", "1+0x{minutes}", "0+0x{minutes}")),
    "MxwardCommitsFailing": (17, *one("mxward_store_commits_failed_total", GROWS, STILL)),
    "MxwardCommitStuck": (3, *one("mxward_store_commit_age_seconds", "11+60x{minutes}", "9+0x{minutes}")),
    "MxwardStoreSlow": (25, *one("mxward_deferrals_without_record_total", GROWS, STILL)),
    "MxwardStoreNearlyFull": (12, *({"mxward_store_used_bytes": used + "+0x{minutes}",
                                     "mxward_store_limit_bytes": "100+0x{minutes}"}
                                    for used in ("81", "79"))),
    "MxwardInternalErrors": (5, *one("mxward_callback_failures_total", GROWS, STILL)),
    "MxwardSessionsOverLimit": (5, *one("mxward_sessions_over_limit_total", GROWS, STILL)),
    "MxwardFilesNearlyUsedUp": (7, *({'process_open_fds{job="mxward"}': used + "+0x{minutes}",
                                      'process_max_fds{job="mxward"}': "100+0x{minutes}"}
                                     for used in ("81", "79"))),
    "MxwardNothingPasses": (50, *({JUDGED.format("accept"): accepted,
                                   JUDGED.format("reject"): "0+60x{minutes}"}
                                  for accepted in ("5+0x{minutes}", "5+1x{minutes}"))),
    "MxwardListNotTrusted": (32, *one("mxward_dnsbl_condition", "1+0x{minutes}", "0+0x{minutes}",
                                      ',list="house list",condition="lying"')),
    "MxwardDnsDown": (3, *one("mxward_dns_servers", "0+0x{minutes}", "1+0x{minutes}",
                              ',state="up"')),
    "MxwardDnsSlow": (35, *({WAITS.format(""): "0+100x{minutes}",
                             WAITS.format("_given_up"): f"0+{given_up}x{{minutes}}"}
                            for given_up in (30, 10))),
    "MxwardDnsQuestionsRefused": (22, *one("mxward_dns_refused_total", GROWS, STILL)),
    "MxwardTlsBroken": (7, *one("mxward_tls_broken", "1+0x{minutes}", "0+0x{minutes}")),
    "MxwardNamesSuspended": (17, *one("mxward_names_suspended", "1+0x{minutes}", "0+0x{minutes}")),
    "MxwardSlowVerdicts": (25, *({TIME.format("2"): f"0+{quick}x{{minutes}}",
                                  TIME.format("3"): "0+100x{minutes}",
                                  TIME.format("+Inf"): "0+100x{minutes}"}
                                 for quick in (90, 100))),
    "MxwardMailHeldLong": (480, *({DELAY.format("bucket", ',le="7200"'): f"0+{quick}x{{minutes}}",
                                   DELAY.format("bucket", ',le="14400"'): "0+10x{minutes}",
                                   DELAY.format("bucket", ',le="+Inf"'): "0+10x{minutes}",
                                   DELAY.format("count", ""): "0+10x{minutes}"}
                                  for quick in (3, 6))),
    "MxwardPausedLong": (730, *one("mxward_paused", "1+0x{minutes}", "0+0x{minutes}")),
    "MxwardReloadFailed": (7, *one("mxward_config_last_reload_successful", "0+0x{minutes}",
                                   "1+0x{minutes}")),
    "MxwardLogLinesLost": (5, *one("mxward_log_lines_dropped_total", GROWS, STILL)),
    "MxwardLimitsEvicting": (130, *one("mxward_limits_evicted_total", GROWS, STILL)),
}


def rule_test(alert, minutes, series, fires):
    """A test of promtool's, which is YAML, which JSON is a part of."""
    # The number of alerts, whatever their labels.
    firing = f'count(ALERTS{{alertname="{alert}",alertstate="firing"}}) or vector(0)'
    return {"interval": "1m", "name": alert,
            "input_series": [{"series": name, "values": values.format(minutes=minutes + 5)}
                             for name, values in series.items()],
            "promql_expr_test": [{"expr": firing, "eval_time": f"{minutes}m",
                                  "exp_samples": [{"labels": "{}", "value": int(fires)}]}]}


def expressions():
    """All that is asked of Prometheus, with where."""
    found = []
    for alert, body in ALERT.findall(RULES.read_text()):
        text = re.search(r"expr: (.*?)\n        (?:for|labels):", body, re.S).group(1)
        found.append((alert, text.replace(">-\n", " ")))
    dashboard = json.loads(DASHBOARD.read_text())
    for panel in dashboard["panels"]:
        found += [(panel["title"], target["expr"]) for target in panel.get("targets", [])]
    found += [(note["name"], note["expr"]) for note in dashboard["annotations"]["list"]]
    found += [(entry["name"], entry["definition"]) for entry in dashboard["templating"]["list"]
              if entry["type"] == "query"]
    return found


class Files(unittest.TestCase):
    @unittest.skipIf(prometheus.missing(), prometheus.missing())
    def test_promtool_reads_the_rules(self):
        done = prometheus.promtool("check", "rules", RULES)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    @unittest.skipIf(prometheus.missing(), prometheus.missing())
    def test_each_alert_fires_when_it_should_and_only_then(self):
        alerts = {name for name, _ in ALERT.findall(RULES.read_text())}
        self.assertEqual(alerts, set(CASES), "each alert needs a case")
        tests = []
        for alert, (minutes, firing, quiet) in CASES.items():
            tests.append(rule_test(alert, minutes, firing, fires=True))
            tests.append(rule_test(alert, minutes, quiet, fires=False))
        with tempfile.TemporaryDirectory() as directory:
            file = pathlib.Path(directory) / "tests.yml"
            file.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "1m",
                                        "tests": tests}))
            done = prometheus.promtool("test", "rules", file)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_each_alert_says_how_urgent_it_is_and_what_to_do(self):
        for alert, body in ALERT.findall(RULES.read_text()):
            self.assertRegex(body, r"labels: \{severity: (page|ticket)\}\n", alert)
            self.assertRegex(body, r'summary: ".{20,}"', alert)
            self.assertIn("$labels.instance", body, alert)
            self.assertRegex(body, r'runbook: ".{40,}"', alert)

    def test_panels_have_a_description_and_no_place_twice(self):
        panels = json.loads(DASHBOARD.read_text())["panels"]
        ids = [panel["id"] for panel in panels]
        self.assertEqual(len(ids), len(set(ids)))
        taken = set()
        for panel in panels:
            if panel["type"] != "row":
                self.assertTrue(panel["description"], panel["title"])
                self.assertTrue(panel["targets"], panel["title"])
            place = panel["gridPos"]
            squares = {(place["x"] + x, place["y"] + y)
                       for x in range(place["w"]) for y in range(place["h"])}
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
            self.assertFalse(taken & squares, panel["title"])
            taken |= squares


class Names(SharedDaemonCase):
    port = support.free_port()
    settings = {"metrics": {"listen": f"127.0.0.1:{port}"},
                "dnsbl": [{"name": "house list", "zone": "bl.example",
                           "codes": {"127.0.0.2": 4}}]}

    def test_every_metric_that_is_asked_for_is_there(self):
        text = get(self.port)[2]
        families = set(re.findall(r"^# TYPE (\w+) ", text, re.M))
        known = families | set(prometheus.parse(text)) | {"up"}
        asked = set()
        for where, expression in expressions():
            names = set(METRIC.findall(expression))
            self.assertTrue(names, f"{where}: {expression}")
            self.assertFalse(names - known, f"{where}: {expression}")
            asked |= names
        self.assertGreater(len(asked), 40)

    def test_the_manual_has_every_metric_and_no_other(self):
        families = set(re.findall(r"^# TYPE (\w+) ", get(self.port)[2], re.M))
        manual = (prometheus.ROOT / "man/mxward.8").read_text()
        section = re.search(r"^\.Sh METRICS\n(.*?)^\.Sh ", manual, re.S | re.M).group(1)
        told = set(re.findall(r"\b((?:mxward|process)_[a-z_]+)", section))
        self.assertEqual(told, families)

    def test_every_label_that_is_asked_for_is_there(self):
        labels = {"job", "instance", "le"}
        for samples in prometheus.parse(get(self.port)[2]).values():
            labels |= {name for pairs in samples for name, _ in pairs}
        for where, expression in expressions():
            used = set(re.findall(r"[{,]\s*(\w+)\s*(?:=|!=|=~|!~)", expression))
            for group in re.findall(r"\b(?:by|without|on) \(([^)]*)\)", expression):
                used |= set(re.split(r",\s*", group))
            self.assertFalse(used - labels, f"{where}: {expression}")


if __name__ == "__main__":
    support.main()
