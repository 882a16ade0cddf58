import Catalogues
import Contracts
import GRDB

// The tracks of a page.
extension WatchStep {
    func wanted(_ entry: CatalogueEntry, ignoresAlbum: Bool) -> Result<WantedTrack, SkipReason> {
        WantedTrack.of(entry, in: self.entry.link.catalogue, ignoresAlbum: ignoresAlbum)
    }

    /// Adds keys to those that are stored when the step ends.
    mutating func find(_ keys: [String]) {
        found += keys
        foundSet.formUnion(keys)
    }

    func isKnown(_ keys: [String], _ db: Database) throws -> Bool {
        if !foundSet.isDisjoint(with: keys) { return true }
        return try memory.containsAny(of: keys, db)
    }

    /// - Returns: whether a track was submitted.
    mutating func add(_ entries: [CatalogueEntry], _ db: Database) throws -> Bool {
        let before = draft.count
        for entry in entries {
            run.counts.read += 1
            guard try add(entry, ignoresAlbum: false, db) else {
                run.isCut = true
                break
            }
        }
        return draft.count > before
    }

    /// - Returns: `false` when the track is new and the budget is spent.
    mutating func add(_ track: CatalogueEntry, ignoresAlbum: Bool, _ db: Database) throws -> Bool {
        switch wanted(track, ignoresAlbum: ignoresAlbum) {
        case .failure(let reason):
            run.counts.skip(reason)
        case .success(let wanted):
            let isNew = try !isKnown(wanted.trackKeys, db)
            if isNew, ignoresAlbum || !isFirst {
                guard run.counts.submitted + draft.count < entry.terms.budget else { return false }
                try append(wanted)
            }
            // Also of a known track, so that all its keys are remembered.
            find(wanted.trackKeys)
        }
        return true
    }

    mutating func append(_ wanted: WantedTrack) throws {
        let item = entry.plan(of: run).item(
            of: wanted, isOnlyTrack: false, at: run.counts.submitted + draft.count, now: now)
        if try !draft.append(item) { run.counts.skip(.unnamed) }
    }
}

extension WantedTrack {
    var trackKeys: [String] { keys.map { "track:\($0)" } }
}
