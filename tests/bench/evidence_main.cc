// SPDX-License-Identifier: Apache-2.0
// mxward_bench_evidence: what DNS lists cost. See README.md.

#include <cstdio>

#include "tests/bench/bench_setup.h"
#include "tests/bench/evidence_figures.h"
#include "tests/bench/evidence_options.h"

namespace mxward {
namespace {

struct EvidenceFigure {
  const char* name;
  Result<void> (*measure)(EvidenceRig& rig);
};
constexpr EvidenceFigure kFigures[] = {{"distinct", MeasureDistinct},
                                       {"cached", MeasureCached},
                                       {"memory", MeasureMemory},
                                       {"dead", MeasureDead},
                                       {"spf", MeasureSpf}};

Result<void> Run(const EvidenceOptions& options) {
  PrepareBench(options.directory);
  auto dns = NameServer::Start(options.name_server, options.directory + "/dns");
  if (!dns) return Fail(dns.error());
  Goals goals;
  EvidenceRig rig{options, **dns, goals};
  for (const EvidenceFigure& figure : kFigures) {
    if (!options.figures.contains(figure.name)) continue;
    if (auto done = figure.measure(rig); !done) return Fail(figure.name, done.error());
  }
  goals.Print();
  return {};
}

}  // namespace
}  // namespace mxward

int main(int argc, char** argv) {
  auto options = mxward::ParseEvidenceOptions(argc, argv);
  if (!options) {
    std::fprintf(stderr, "%s%s%s", options.error().message.c_str(),
                 options.error().message.empty() ? "" : "\n", mxward::EvidenceUsage().c_str());
    return options.error().message.empty() ? 0 : 64;
  }
  auto done = mxward::Run(*options);
  if (!done) std::fprintf(stderr, "mxward_bench_evidence: %s\n", done.error().message.c_str());
  return done ? 0 : 2;
}
