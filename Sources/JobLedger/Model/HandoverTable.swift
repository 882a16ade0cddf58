public import Contracts
import Foundation
import GRDB

/// A table of an earlier version that belongs to the planner now.
public enum HandoverTable: String, Sendable, CaseIterable {
    case expansions
    case expansionSeen = "expansion_seen"
    case watchlist
    case watchlistSeen = "watchlist_seen"
    case backfills
    case backfillTracks = "backfill_tracks"
    case backfillAlbums = "backfill_albums"

    /// The name in the gateway's database.
    var storedName: String { "handover_\(rawValue)" }
}

/// A page of a handed over table.
public struct HandoverRows: Encodable, Sendable, Equatable {
    public var rows: [HandoverRow] = []
    /// The row after which the next page begins; `nil` at the end.
    public var next: Int64?
}

/// A row of a handed over table.
public struct HandoverRow: Encodable, Sendable, Equatable {
    /// Identifies the row; the next page follows it.
    public var rowid: Int64
    /// The values by column. A blob is an object with the member `base64`.
    public var values: [String: JSONValue]

    init(_ row: Row) {
        rowid = row["handover_rowid"]
        values = [:]
        for (column, value) in row where column != "handover_rowid" { values[column] = JSONValue(value) }
    }

    /// About how many bytes the row has as JSON. Escaped characters count once.
    var approximateBytes: Int {
        values.reduce(32) { $0 + $1.key.utf8.count + $1.value.approximateBytes + 8 }
    }
}

extension JSONValue {
    /// A value of SQLite.
    fileprivate init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let number): self = .integer(number)
        case .double(let number): self = .number(number)
        case .string(let text): self = .string(text)
        case .blob(let data): self = .object(["base64": .string(data.base64EncodedString())])
        }
    }

    fileprivate var approximateBytes: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .object(let members): members.reduce(0) { $0 + $1.key.utf8.count + $1.value.approximateBytes + 8 }
        case .array(let elements): elements.reduce(0) { $0 + $1.approximateBytes + 1 }
        case .null, .bool, .integer, .number: 20
        }
    }
}
