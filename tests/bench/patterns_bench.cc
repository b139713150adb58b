// SPDX-License-Identifier: Apache-2.0
// What looking a name or an address up in a list file of a million patterns costs: README.md beside
// this file.
#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "match/patterns.h"

namespace mxward::match {
namespace {

constexpr std::size_t kPatterns = 1000000;
constexpr std::size_t kAsked = 1U << 16U;

// Domains of two to four labels.
std::string SomeDomain(std::mt19937& random) {
  std::string name;
  for (std::size_t labels = 1 + random() % 3; labels > 0; --labels) {
    name += "n" + std::to_string(random() % 3000) + ".";
  }
  return name + (random() % 2 == 0 ? "example" : "test");
}

IpAddress SomeClient(std::mt19937& random) {
  return IpAddress::V4(static_cast<std::uint32_t>(random()));
}

Patterns MillionDomains(Subject subject) {
  std::mt19937 random(1);
  PatternsBuilder builder(subject);
  for (std::size_t i = 0; i < kPatterns; ++i) {
    const std::string domain = SomeDomain(random);
    const bool address = subject == Subject::kAddresses && i % 2 == 0;
    (void)builder.Add(address ? "user" + std::to_string(i) + "@" + domain : domain);
  }
  return std::move(builder).Build({"file:a million"});
}

void Names(benchmark::State& state) {
  const Patterns patterns = MillionDomains(Subject::kNames);
  std::mt19937 random(2);
  std::vector<std::string> asked(kAsked);
  for (std::string& name : asked) name = "mail." + SomeDomain(random);
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(patterns.MatchesName(asked[i++ % kAsked]));
}
BENCHMARK(Names);

void Addresses(benchmark::State& state) {
  const Patterns patterns = MillionDomains(Subject::kAddresses);
  std::mt19937 random(2);
  std::vector<std::string> asked(kAsked);
  for (std::string& address : asked) {
    address = "user" + std::to_string(random() % kPatterns) + "@" + SomeDomain(random);
  }
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(patterns.MatchesAddress(asked[i++ % kAsked]));
}
BENCHMARK(Addresses);

// Addresses, and prefixes of nine lengths.
void Clients(benchmark::State& state) {
  std::mt19937 random(1);
  PatternsBuilder builder(Subject::kClients);
  for (std::size_t i = 0; i < kPatterns; ++i) {
    const int length = i % 4 == 0 ? 16 + static_cast<int>(random() % 9) : 32;
    (void)builder.Add(Prefix(SomeClient(random), length).ToString());
  }
  const Patterns patterns = std::move(builder).Build({"file:a million"});
  std::vector<IpAddress> asked(kAsked);
  for (IpAddress& client : asked) client = SomeClient(random);
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(patterns.MatchesClient(asked[i++ % kAsked]));
}
BENCHMARK(Clients);

}  // namespace
}  // namespace mxward::match

BENCHMARK_MAIN();
