// SPDX-License-Identifier: BSD-3-Clause
// The half of World that looks at what came out.
#include "manager_harness.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace control::manager::test {

std::vector<std::string> World::texts(const std::set<Record::Kind> &kinds) const {
    std::vector<std::string> result;
    for (const Record &record : recorder.records)
        if (kinds.contains(record.kind))
            result.push_back(record.text);
    return result;
}

std::vector<std::string> World::callbacks() const {
    return texts({Record::Kind::kCallback});
}

void World::nothing_unlisted(const std::string &before) {
    EXPECT_THAT(callbacks(), ::testing::IsEmpty()) << "unlisted, before " << before;
    std::erase_if(recorder.records,
                  [](const Record &record) { return record.kind == Record::Kind::kCallback; });
}

// One text a line: gtest shows where they differ.
void World::expect(const std::vector<std::string> &callbacks, const char *file, int line) {
    const ::testing::ScopedTrace trace(file, line, "");
    EXPECT_EQ(fmt::format("{}", fmt::join(this->callbacks(), "\n")),
              fmt::format("{}", fmt::join(callbacks, "\n")));
    recorder.records.clear();
}

void World::expect_order(const std::vector<std::string> &records, const char *file, int line) {
    const ::testing::ScopedTrace trace(file, line, "");
    using Kind = Record::Kind;
    const auto all = texts({Kind::kCallback, Kind::kCompletion, Kind::kClient});
    EXPECT_EQ(fmt::format("{}", fmt::join(all, "\n")), fmt::format("{}", fmt::join(records, "\n")));
    recorder.records.clear();
}

void World::expect_plane(const std::vector<std::string> &records, const char *file, int line) {
    const ::testing::ScopedTrace trace(file, line, "");
    EXPECT_EQ(fmt::format("{}", fmt::join(texts({Record::Kind::kPlane}), "\n")),
              fmt::format("{}", fmt::join(records, "\n")));
    std::erase_if(recorder.records,
                  [](const Record &record) { return record.kind == Record::Kind::kPlane; });
}

std::vector<Event> World::events() {
    return std::exchange(recorder.events, {});
}

void World::finish() {
    nothing_unlisted("the end");
    EXPECT_THAT(recorder.waiting_calls(), ::testing::IsEmpty());
    std::vector<std::string> in_tables;
    for (const auto &[key, entry] : recorder.table)
        if (key.source) {                                 // wildcards are no MFEs
            std::vector<mgm::IfIndex> shown = entry.iifs; // the first one (8.1)
            shown.resize(std::min<std::size_t>(shown.size(), 1));
            in_tables.push_back(fmt::format("{} {}", text(key), text(shown, entry.oifs)));
        }
    EXPECT_THAT(in_tables, ::testing::UnorderedElementsAreArray(entries()));
    manager.reset();
    EXPECT_EQ(memory.octets_in_use(), 0U);
}

std::string World::owner(const Link &link, std::uint16_t vrf) const {
    const Identity untouched{.protocol = 4711, .component = 4712};
    Identity owner = untouched;
    if (manager->owner_of(mgm::Vrf{vrf}, link, owner) == kNotFound) {
        EXPECT_EQ(owner, untouched);
        return "nobody";
    }
    const auto name = names_.find({mgm::Vrf{vrf}, owner});
    return name != names_.end() ? name->second
                                : fmt::format("{}.{}", owner.protocol, owner.component);
}

std::string World::forwarding(const mgm::IpAddress &source, const mgm::IpAddress &group) const {
    const auto entry = recorder.table.find(route_key(sg(source, group)));
    return entry == recorder.table.end() ? "no entry"
                                         : text(entry->second.iifs, entry->second.oifs);
}

std::string World::way_of(const mgm::IpAddress &source, const mgm::IpAddress &group) const {
    const PlaneEntry *entry = recorder.find(sg(source, group));
    return entry == nullptr ? "no entry" : text(entry->iifs, entry->oifs);
}

std::string World::wildcard(const std::string &group) const {
    const auto entry = recorder.table.find({.vrf = {}, .source = {}, .group = prefix(group)});
    return entry == recorder.table.end() ? "no entry"
                                         : text(entry->second.iifs, entry->second.oifs);
}

EntryInfo World::info(const mgm::IpAddress &source, const mgm::IpAddress &group) const {
    const auto info = manager->entry(sg(source, group), now);
    EXPECT_TRUE(info) << text(sg(source, group)) << " is not there";
    return info.value_or(EntryInfo{});
}

bool World::is_shown(const mgm::IpAddress &source, const mgm::IpAddress &group) const {
    return manager->entry(sg(source, group), now).has_value();
}

std::vector<std::string> World::entries() const {
    std::vector<std::string> result;
    for (const std::uint16_t vrf : {std::uint16_t{0}, std::uint16_t{5}})
        for (const mgm::Family family : {mgm::Family::kIpv4, mgm::Family::kIpv6})
            for (auto info = manager->entry_after(any(any_of(family), vrf), now); info;
                 info = manager->entry_after(info->key, now)) {
                std::vector<mgm::IfIndex> in;
                if (info->in)
                    in.push_back(info->in->interface);
                result.push_back(fmt::format("{} {}", text(info->key), text(in, info->oifs)));
            }
    return result;
}

std::vector<std::string> World::rest_of(Handle enumeration) {
    std::vector<std::string> result;
    std::array<SourceGroup, 2> page;
    Status status = kMoreData;
    while (status == kMoreData) {
        std::size_t count = 0;
        status = manager->next_groups(enumeration, page, count);
        for (std::size_t i = 0; i < std::min(count, page.size()); ++i)
            result.push_back(text(sg(page[i].source, page[i].group)));
        if (status == kMoreData && count == 0) {
            ADD_FAILURE() << "more, but nothing came";
            break;
        }
    }
    EXPECT_EQ(status, kNoMoreItems);
    std::sort(result.begin(), result.end());
    return result;
}

std::vector<std::string> World::groups(EnumerationKind kind) {
    Handle enumeration{};
    for (const Handle client : {A.handle, B.handle, C.handle, I.handle}) { // whoever is alive
        const CallId id{++last_call_};
        recorder.call_begins(id, "groups");
        manager->start_enumeration(Call{.id = id, .now = now, .inside = {}}, client, kind);
        enumeration = recorder.completion(id).value().handle;
        if (enumeration != Handle{})
            break;
    }
    std::erase_if(recorder.records,
                  [](const Record &record) { return record.text.starts_with("groups"); });
    std::vector<std::string> result = rest_of(enumeration);
    EXPECT_EQ(manager->end_enumeration(enumeration), kOk);
    return result;
}

std::size_t World::gaps(const mgm::IpAddress &source, const mgm::IpAddress &group,
                        const Link &link) const {
    const auto history = recorder.history.find(route_key(sg(source, group)));
    if (history == recorder.history.end())
        return 0;
    const auto leaves_out = [&](const std::vector<Oif> &oifs) {
        return std::none_of(oifs.begin(), oifs.end(),
                            [&](const Oif &oif) { return oif.link == link; });
    };
    return static_cast<std::size_t>(
        std::count_if(history->second.begin(), history->second.end(), leaves_out));
}

std::string World::snapshot() {
    std::string result;
    for (const Link &link : {if1, if2, if3, if4, if5})
        result += fmt::format("{}: {}\n", text(link), owner(link));
    result += fmt::format("groups {}\n", fmt::join(groups(), " "));
    result += fmt::format("groups {}\n", fmt::join(groups(EnumerationKind::kAnySource), " "));
    result += fmt::format("manager {}\n", fmt::join(entries(), "; "));
    for (const auto &[key, entry] : recorder.table)
        result += fmt::format("table {} {}\n", key, text(entry.iifs, entry.oifs));
    return result;
}

} // namespace control::manager::test
