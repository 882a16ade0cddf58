import Contracts
import Metadata

/// What a list of wishes that somebody sent holds.
struct ImportList: Sendable {
    /// One wish and where it stands.
    struct Entry: Sendable {
        /// The line of a text, or the place in a list, from 1.
        var line: Int
        var text: String
        /// `nil` when it could not be understood.
        var item: SubmissionItem?

        init(line: Int, text: some StringProtocol, item: SubmissionItem?) {
            self.line = line
            self.text = String(text)
            self.item = item
        }
    }

    var entries: [Entry] = []
    var requestedBy: String?
    var batchID: String?
    var kind: JobKind?
    var priority: Int?
    var force: Bool?
}

/// A wish that was left out.
struct ImportSkip: Encodable, Sendable, Equatable {
    /// The raw values are a public contract.
    enum Reason: String, Encodable, Sendable, CaseIterable {
        /// It is no track and no link that can be read.
        case invalid
        /// The list has it before.
        case duplicate
        /// Beyond the number of wishes in one list.
        case limit
    }

    var line: Int
    /// Its beginning.
    var text: String
    var reason: Reason
    /// Why a link cannot be read.
    var code: String?
    var message: String?

    init(_ entry: ImportList.Entry, _ reason: Reason, _ error: CatalogueLinkError? = nil) {
        line = entry.line
        text = String(entry.text.prefix(200))
        self.reason = reason
        code = error?.code.rawValue
        message = error?.description
    }
}

/// How much one list may hold.
struct ImportLimits: Encodable, Sendable, Equatable {
    /// Tracks and links together.
    var lines = 2000
    var links = 1000
    var bodyBytes = 1 << 20

    enum CodingKeys: String, CodingKey {
        case lines = "max_lines"
        case links = "max_links"
        case bodyBytes = "max_body_bytes"
    }
}

/// A list of wishes, sorted into those that are submitted and those that are left out.
struct SortedImport: Sendable {
    private(set) var items: [SubmissionItem] = []
    private(set) var links = 0
    private(set) var skipped: [ImportSkip] = []
    private var seen: Set<String> = []
    private let limits: ImportLimits

    init(_ list: ImportList, _ limits: ImportLimits) {
        self.limits = limits
        for entry in list.entries { take(entry) }
    }

    private mutating func take(_ entry: ImportList.Entry) {
        guard let item = entry.item else { return skip(entry, .invalid) }
        guard let text = item.link else { return take(item, entry, key: DedupeKey.of(item.track)) }
        do throws(CatalogueLinkError) {
            try take(item, entry, key: CatalogueLink(text).description)
        } catch {
            skipped.append(ImportSkip(entry, .invalid, error))
        }
    }

    private mutating func take(_ item: SubmissionItem, _ entry: ImportList.Entry, key: String) {
        let isFull = items.count >= limits.lines || (item.link != nil && links >= limits.links)
        guard !isFull else { return skip(entry, .limit) }
        guard seen.insert(key).inserted else { return skip(entry, .duplicate) }
        links += item.link == nil ? 0 : 1
        items.append(item)
    }

    private mutating func skip(_ entry: ImportList.Entry, _ reason: ImportSkip.Reason) {
        skipped.append(ImportSkip(entry, reason))
    }
}
