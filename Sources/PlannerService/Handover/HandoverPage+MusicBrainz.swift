import Contracts
import Foundation

// MusicBrainz lists an artist's release groups. The version that wrote these rows listed the single releases.
extension HandoverPage.Row {
    /// Returns the row with positions that fit lists of release groups.
    ///
    /// An offset in a list of releases has no meaning in the list of groups, so a list that is not complete is read again
    /// from its beginning. The releases of a complete list stay: their ids are still valid. A document that cannot be
    /// read stays as it is.
    func withGroupOffsets(in table: HandoverTable) -> HandoverPage.Row {
        guard let text = values["link"]?.stringValue, let link = try? CatalogueLink(text),
            link.catalogue == .musicbrainz, link.kind == .artist
        else { return self }
        var row = self
        switch table {
        case .expansions: row.change("cursor") { (cursor: inout ExpansionCursor) in cursor.listAgain() }
        case .watchlist:
            // The groups have other ids than the releases that are known, so the next list is read like the first one.
            row.change("last_run") { (run: inout WatchRun) in run.listsAgain = true }
            row.change("run") { (run: inout WatchRun) in run.listAgain() }
        default: break
        }
        return row
    }

    /// Changes the JSON document in a column.
    private mutating func change<Document: Codable>(_ column: String, _ body: (inout Document) -> Void) {
        let data = Data.fromDatabaseValue(databaseValue(column))
        guard let data, var document = try? ContractCoding.decode(Document.self, from: data) else { return }
        body(&document)
        guard let changed = try? ContractCoding.encode(document) else { return }
        values[column] = .object(["base64": .string(changed.base64EncodedString())])
    }
}

extension ExpansionCursor {
    fileprivate mutating func listAgain() {
        guard !isListed else { return }
        offset = 0
        releases = []
    }
}

extension WatchRun {
    fileprivate mutating func listAgain() {
        // The check of a complete list continues, so the check after it is the first one with groups.
        guard !isListed else { return listsAgain = true }
        offset = 0
        releases = []
        knownReleases = []
        counts.read = 0
    }
}
