public import Contracts
public import Foundation

/// The file format of a list.
public enum ImportFormat: String, Sendable, CaseIterable {
    case text, csv, m3u, json

    /// Returns the format that a content type names (RFC 9110). For other content types, the start of the body decides.
    public init(contentType: String?, _ body: Data) {
        let type = contentType?.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased() ?? ""
        switch type {
        case "application/json": self = .json
        case "text/csv", "text/tab-separated-values": self = .csv
        case "audio/x-mpegurl", "audio/mpegurl", "application/x-mpegurl", "application/vnd.apple.mpegurl": self = .m3u
        default: self = Self.detected(body)
        }
    }

    private static func detected(_ body: Data) -> ImportFormat {
        let start = String(decoding: body.prefix(64), as: UTF8.self).drop { $0.isWhitespace || $0 == "\u{FEFF}" }
        if start.hasPrefix("#EXTM3U") { return .m3u }
        return start.hasPrefix("{") || start.hasPrefix("[") ? .json : .text
    }

    /// Reads a list.
    /// - Throws: `ContractViolation` when the body does not have this format.
    public func read(_ body: Data) throws(ContractViolation) -> ImportList {
        if self == .json { return try ContractCoding.decode(ImportDocument.self, from: body).list }
        guard let text = String(validating: body, as: UTF8.self) else {
            throw ContractViolation(path: "", problem: "must be text in UTF-8")
        }
        let plain = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        switch self {
        case .csv: return ImportList(entries: CSVList(plain).entries)
        case .m3u: return ImportList(entries: M3UList.entries(plain))
        case .text, .json: return ImportList(entries: TextList.entries(plain))
        }
    }
}

/// A list in JSON: an array of links and tracks, or an object with `links`, `playlist_links` and `tracks`.
struct ImportDocument: Decodable, Sendable {
    private(set) var list = ImportList()

    private enum CodingKeys: String, CodingKey {
        case links, tracks, kind, priority, force
        case playlistLinks = "playlist_links"
        case requestedBy = "requested_by"
        case batchID = "batch_id"
        case batchHint = "batch_hint"
    }

    init(from decoder: any Decoder) throws {
        if let items = try? decoder.singleValueContainer().decode([JSONValue].self) {
            add(items)
        } else {
            try readObject(decoder.container(keyedBy: CodingKeys.self))
        }
        if list.entries.isEmpty {
            throw ContractViolation(path: "", problem: "must have links or tracks: a list, or links, tracks")
        }
    }

    private mutating func readObject(_ fields: KeyedDecodingContainer<CodingKeys>) throws {
        for key in [CodingKeys.playlistLinks, .links, .tracks] {
            add(try fields.decodeIfPresent([JSONValue].self, forKey: key) ?? [])
        }
        list.requestedBy = try fields.decodeIfPresent(String.self, forKey: .requestedBy)
        list.batchID =
            try fields.decodeIfPresent(JobID.self, forKey: .batchID)?.text
            ?? fields.decodeIfPresent(JobID.self, forKey: .batchHint)?.text
        list.kind = try fields.decodeIfPresent(JobKind.self, forKey: .kind)
        list.priority = try fields.decodeIfPresent(Int.self, forKey: .priority)
        list.force = try fields.decodeIfPresent(Bool.self, forKey: .force)
        if let priority = list.priority, !(0...9).contains(priority) {
            throw ContractViolation(path: "/priority", problem: "must lie between 0 and 9")
        }
    }

    private mutating func add(_ values: [JSONValue]) {
        for value in values {
            let line = list.entries.count + 1
            if let text = value.stringValue {
                list.entries.append(.init(line: line, text: text, item: TextList.item(text)))
            } else {
                list.entries.append(.init(line: line, text: Self.name(of: value), item: Self.item(value)))
            }
        }
    }

    private static func item(_ value: JSONValue) -> SubmissionItem? {
        // The form of links in lists of Harmony.
        if let url = value["url"]?.stringValue { return SubmissionItem(link: url) }
        guard let data = try? ContractCoding.encode(value) else { return nil }
        return try? ContractCoding.decode(SubmissionItem.self, from: data)
    }

    private static func name(of value: JSONValue) -> String {
        [value["artist"], value["title"]].compactMap { $0?.stringValue }.joined(separator: " - ")
    }
}
