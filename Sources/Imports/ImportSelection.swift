public import Contracts

/// The entries of a list, divided into those that are submitted and those that are skipped.
public struct ImportSelection: Sendable {
    public private(set) var items: [SubmissionItem] = []
    /// How many of the items are links.
    public private(set) var links = 0
    public private(set) var skipped: [ImportSkip] = []
    private var seen: Set<String> = []
    private let limits: ImportLimits

    /// Selects the valid entries, each once, up to the limits.
    public init(_ list: ImportList, _ limits: ImportLimits) {
        self.limits = limits
        for entry in list.entries { add(entry) }
    }

    private mutating func add(_ entry: ImportList.Entry) {
        guard let item = entry.item else { return skip(entry, .invalid) }
        guard let text = item.link else { return add(item, entry, key: DedupeKey.of(item.track)) }
        do throws(CatalogueLinkError) {
            try add(item, entry, key: CatalogueLink(text).description)
        } catch {
            skipped.append(ImportSkip(entry, .invalid, error))
        }
    }

    private mutating func add(_ item: SubmissionItem, _ entry: ImportList.Entry, key: String) {
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

/// An entry that is not submitted.
public struct ImportSkip: Encodable, Sendable, Equatable {
    /// The raw values are a public contract.
    public enum Reason: String, Encodable, Sendable, CaseIterable {
        /// The entry is neither a track nor a readable link.
        case invalid
        /// The list has the same entry before.
        case duplicate
        /// The entry is beyond the limits of one list.
        case limit
    }

    public var line: Int
    /// The start of the entry.
    public var text: String
    public var reason: Reason
    /// Why a link cannot be read.
    public var code: String?
    public var message: String?

    init(_ entry: ImportList.Entry, _ reason: Reason, _ error: CatalogueLinkError? = nil) {
        line = entry.line
        text = String(entry.text.prefix(200))
        self.reason = reason
        code = error?.code.rawValue
        message = error?.description
    }
}
