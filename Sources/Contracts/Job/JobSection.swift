/// A part of a job document that services replace. The raw values are the names of the members in JSON.
public enum JobSection: String, CaseIterable, Codable, Sendable {
    case verdicts, metadata, match, transfer, download, tag, move
    case standingTries = "standing_tries"
}

extension Stage {
    /// The sections that the stage may replace.
    ///
    /// The settlement of a delivery may also write ``JobSection/standingTries`` and remove sections.
    public var ownSections: Set<JobSection> {
        switch self {
        case .match: [.metadata, .match]
        case .download: [.transfer, .download]
        // The tag stage records files that are not the recording that they were offered as.
        case .tag: [.tag, .transfer]
        case .move: [.move]
        }
    }
}

extension JobDocument {
    /// Removes a section.
    public mutating func remove(_ section: JobSection) {
        switch section {
        case .verdicts: verdicts = nil
        case .metadata: metadata = nil
        case .match: match = nil
        case .transfer: transfer = nil
        case .download: download = nil
        case .tag: tag = nil
        case .move: move = nil
        case .standingTries: standingTries = nil
        }
    }

    /// Returns a section as JSON without the members that this version does not know; `nil` if there is none.
    ///
    /// Equal sections have equal bytes.
    func encoded(_ section: JobSection) throws -> [UInt8]? {
        switch section {
        case .verdicts: try Self.encode(verdicts)
        case .metadata: try Self.encode(metadata)
        case .match: try Self.encode(match)
        case .transfer: try Self.encode(transfer)
        case .download: try Self.encode(download)
        case .tag: try Self.encode(tag)
        case .move: try Self.encode(move)
        case .standingTries: try Self.encode(standingTries)
        }
    }

    private static func encode(_ section: (some Encodable)?) throws -> [UInt8]? {
        try section.map { [UInt8](try ContractCoding.encode($0, sorted: true)) }
    }
}

extension JobSection {
    /// Returns whether this version knows a member of the section.
    func knows(_ member: String) -> Bool {
        switch self {
        case .verdicts: Verdicts.CodingKeys(stringValue: member) != nil
        case .metadata: MetadataSection.CodingKeys(stringValue: member) != nil
        case .match: MatchSection.CodingKeys(stringValue: member) != nil
        case .transfer: TransferSection.CodingKeys(stringValue: member) != nil
        case .download: DownloadSection.CodingKeys(stringValue: member) != nil
        case .tag: TagSection.CodingKeys(stringValue: member) != nil
        case .move: MoveSection.CodingKeys(stringValue: member) != nil
        case .standingTries: true
        }
    }
}
