// SPDX-License-Identifier: Apache-2.0
#include "greylist/identity.h"

#include <string_view>

#include "base/client_network.h"

namespace mxward::greylist {
namespace {

// Each kind of hash has a letter of its own in front: a name can never meet an address.
std::uint64_t Hash(const HashKey& key, char kind, std::string_view text) {
  std::string data;
  data.reserve(1 + text.size());
  data += kind;
  data += text;
  return SipHash(key, data);
}

}  // namespace

Prefix NetworkOf(const IpAddress& client, const GreylistConfig& config) {
  if (!config.identity_network) return ClientNetwork(client);
  return Prefix(client, client.is_v4() ? config.network_v4 : config.network_v6);
}

std::uint64_t HashName(const HashKey& key, const std::string& name) {
  const std::uint64_t hash = Hash(key, 'n', name);
  return hash == 0 ? 1 : hash;  // 0 says that there is no name
}

std::uint64_t HashOrganisation(const HashKey& key, const std::string& domain) {
  const std::uint64_t hash = Hash(key, 'o', domain);
  return hash == 0 ? 1 : hash;
}

std::uint64_t HashPrefix(const HashKey& key, const Prefix& prefix) {
  std::string data(prefix.address().view());
  data += static_cast<char>(prefix.length());
  return Hash(key, 'p', data);
}

std::uint64_t HashAddresses(const HashKey& key, std::string_view sender,
                            std::string_view recipient) {
  // No normalised address contains NUL as its first byte after the other's end by accident: the
  // length of the sender leads.
  std::string data = std::to_string(sender.size());
  data.reserve(data.size() + 1 + sender.size() + recipient.size());
  data += ':';
  data += sender;
  data += recipient;
  return Hash(key, 'a', data);
}

Holder HolderOf(const HashKey& key, const IpAddress& client) {
  const auto high = [&](const Prefix& prefix) { return HashPrefix(key, prefix) >> 32; };
  const bool v4 = client.is_v4();
  Holder holder;
  holder.wide = static_cast<std::uint16_t>(high(Prefix(client, v4 ? 16 : 32)) >> 16);
  holder.network = static_cast<std::uint16_t>(high(Prefix(client, v4 ? 24 : 48)) >> 16);
  holder.client = static_cast<std::uint32_t>(high(ClientNetwork(client)));
  return holder;
}

Identities IdentitiesOf(const SessionFacts& facts, const std::string& organisation,
                        const GreylistConfig& config, const HashKey& key) {
  Identities result;
  if (config.identity_name && facts.name_class == NameClass::kGood && !organisation.empty()) {
    result.name = organisation;
    result.name_hash = HashName(key, organisation);
  }
  result.network = NetworkOf(*facts.client, config);
  result.network_hash = HashPrefix(key, result.network);
  result.client = ClientNetwork(*facts.client);
  result.client_hash = HashPrefix(key, result.client);
  return result;
}

}  // namespace mxward::greylist
