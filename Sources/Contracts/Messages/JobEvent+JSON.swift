public import Foundation

extension JobEvent: ByteDocument {
    /// The levels around a document in an event are added to those that the document may have.
    private static let maximumDepth = JSONScanner.maximumDepth + 8
    private static let sectionsName = "sections"
    private static let documentName = "document"
    /// The bytes that remain for the other members beside sections and document.
    private static let reserve = 256 << 10

    /// Reads an event. It refuses what ``JobBody/init(_:)`` refuses; the limit is ``largestBody``.
    /// - Throws: the place and the problem. They contain no values of the event.
    public init(_ bytes: Data) throws(ContractViolation) {
        guard bytes.count <= Self.largestBody else { throw Self.tooLarge }
        let all = [UInt8](bytes)
        let members = try JSONScanner.members(of: all, maximumDepth: Self.maximumDepth)
        guard let member = members.first(where: { $0.name == CodingKeys.data.rawValue }) else {
            self = try ContractCoding.decode(Plain.self, from: bytes).event
            return
        }
        let data = Array(all[member.value])
        let parts = try JSONScanner.members(of: data, maximumDepth: Self.maximumDepth)
        var rest = JSONSplicer(bytes: data, members: parts)
        var splicer = JSONSplicer(bytes: all, members: members)
        for name in [Self.sectionsName, Self.documentName] { rest.remove(name) }
        splicer.replace(member.name, with: [UInt8](rest.result()))
        self = try ContractCoding.decode(Plain.self, from: splicer.result()).event
        for part in parts {
            let value = data[part.value]
            guard value != Self.null else { continue }
            if part.name == Self.documentName { document = Data(value) }
            if part.name == Self.sectionsName { sections = try Self.sections(in: Array(value)) }
        }
    }

    /// Returns the event as JSON, of at most ``largestBody`` bytes.
    ///
    /// Parts that do not fit are left out: first sections (``omittedSections`` names them), then ``data`` beside what
    /// this type defines, then the document.
    /// - Throws: `EncodingError`, and ``ContractViolation`` if a section or the document is not JSON.
    public func encoded() throws -> Data {
        var event = fitting(Self.largestBody - Self.reserve)
        var bytes = try event.spliced()
        if bytes.count > Self.largestBody {
            event = event.fitting(0)
            event.data = event.data?.filter { ["wait", "began", "sections_omitted", "path"].contains($0.key) }
            bytes = try event.spliced()
        }
        if bytes.count > Self.largestBody {
            event.document = nil
            bytes = try event.spliced()
        }
        guard bytes.count <= Self.largestBody else { throw Self.tooLarge }
        return bytes
    }

    /// Returns the event without the sections that are too large for it.
    /// - Parameter space: the number of bytes that sections and document may have together.
    private func fitting(_ space: Int) -> JobEvent {
        var event = self
        var free = space - (document?.count ?? 0)
        for (section, bytes) in sections.sorted(by: {
            ($0.value.count, $0.key.rawValue) < ($1.value.count, $1.key.rawValue)
        }) {
            if bytes.count <= min(Self.largestSection, free) {
                free -= bytes.count
            } else {
                event.sections[section] = nil
                event.omittedSections += [section]
            }
        }
        return event
    }

    private func spliced() throws -> Data {
        let plain = [UInt8](try ContractCoding.encode(Plain(event: self), sorted: true))
        let values = JobSection.allCases.compactMap { section in sections[section].map { (section.rawValue, $0) } }
        guard document != nil || !values.isEmpty else { return Data(plain) }
        var parts: [ArraySlice<UInt8>] = []
        if !values.isEmpty {
            let all = try values.map { try Self.member($0, $1) }
            parts.append(Self.member(Self.sectionsName, JSONSplicer.object(Array("{}".utf8), adding: all)))
        }
        if let document { parts.append(try Self.member(Self.documentName, document)) }
        let members = try JSONScanner.members(of: plain, maximumDepth: Self.maximumDepth)
        let data = members.first { $0.name == CodingKeys.data.rawValue }.map { Array(plain[$0.value]) }
        var splicer = JSONSplicer(bytes: plain, members: members)
        splicer.replace(
            CodingKeys.data.rawValue, with: JSONSplicer.object(data ?? Array("{}".utf8), adding: parts))
        return splicer.result()
    }

    private static func member(_ name: String, _ value: Data) throws(ContractViolation) -> ArraySlice<UInt8> {
        let bytes = [UInt8](value)
        let range = try JSONScanner.range(of: bytes)
        return member(name, Array(bytes[range]))
    }

    private static func member(_ name: String, _ value: [UInt8]) -> ArraySlice<UInt8> {
        ArraySlice("\"\(name)\":".utf8) + value
    }

    private static func sections(in bytes: [UInt8]) throws(ContractViolation) -> [JobSection: Data] {
        guard bytes.first == UInt8(ascii: "{") else {
            throw ContractViolation(path: "/data/sections", problem: "must be an object")
        }
        var sections: [JobSection: Data] = [:]
        for member in try JSONScanner.members(of: bytes, maximumDepth: maximumDepth) {
            guard let section = JobSection(rawValue: member.name), bytes[member.value] != null else { continue }
            sections[section] = Data(bytes[member.value])
        }
        return sections
    }

    private static var null: ArraySlice<UInt8> { Array("null".utf8)[...] }

    private static var tooLarge: ContractViolation {
        ContractViolation(path: "", problem: "is larger than \(largestBody) bytes")
    }
}
