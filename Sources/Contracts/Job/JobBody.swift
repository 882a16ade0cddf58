public import Foundation

/// The body of a job's message: the document that services read, and the bytes that they pass on.
///
/// A stage replaces only its own sections. All other bytes of the body stay as they were received: white space, the
/// order and the spelling of members, numbers that no Swift type represents, and members that this version does not
/// know. So other services can add to a job what HDM does not know.
public struct JobBody: Sendable {
    public let document: JobDocument
    public let bytes: Data
    /// The members of the document, in their order.
    private let members: [JSONMember]

    /// Reads a body.
    ///
    /// It refuses, in a time that grows linearly with the size: more than ``JobDocument/largestBody`` bytes, invalid
    /// UTF-8, a name that occurs twice in one object (also if it is spelled with escapes), more than 64 levels, text
    /// after the document, and everything that ``JobDocument`` refuses.
    /// - Throws: the place and the problem. They contain no values of the document.
    public init(_ bytes: Data) throws(ContractViolation) {
        guard bytes.count <= JobDocument.largestBody else { throw Self.tooLarge }
        members = try JSONScanner.members(of: [UInt8](bytes))
        document = try ContractCoding.decode(JobDocument.self, from: bytes)
        self.bytes = bytes
    }

    /// Returns the bytes of a section; `nil` if the document has none.
    public func bytes(of section: JobSection) -> Data? {
        member(of: section).map { Data(slice($0.value)) }
    }

    /// Returns the bytes of the body with sections of another document.
    /// - Parameters:
    ///   - document: this body's ``document`` after changes. Its other sections are ignored.
    ///   - sections: the sections that are replaced, added or removed. A section that did not change keeps its bytes;
    ///     one that did keeps the members that this version does not know.
    /// - Throws: ``ContractViolation`` if the body would be larger than ``JobDocument/largestBody``, and
    ///   `EncodingError`.
    public func bytes(replacedBy document: JobDocument, sections: Set<JobSection>) throws -> Data {
        try replacement(by: document, sections: sections).bytes
    }

    /// The bytes of a body after sections were replaced.
    public struct Replacement: Sendable {
        public var bytes: Data
        /// The bytes of each section that was changed or added. They are members of ``bytes``.
        public var changed: [JobSection: Data]
        /// The bytes of each of the replaceable sections that ``bytes`` has, also if it did not change: an earlier run of
        /// the stage may have written it.
        public var present: [JobSection: Data]
        public var removed: Set<JobSection>
    }

    /// Replaces sections as ``bytes(replacedBy:sections:)`` does, and says which of them changed.
    public func replacement(by document: JobDocument, sections: Set<JobSection>) throws -> Replacement {
        var splicer = JSONSplicer(bytes: [UInt8](bytes), members: members)
        var result = Replacement(bytes: bytes, changed: [:], present: [:], removed: [])
        for section in JobSection.allCases where sections.contains(section) {
            result.present[section] = bytes(of: section)
            guard !self.document.shares(section, with: document) else { continue }
            let value = try document.encoded(section)
            guard try value != self.document.encoded(section) else { continue }
            guard let value else {
                splicer.remove(section.rawValue)
                result.removed.insert(section)
                result.present[section] = nil
                continue
            }
            let whole = JSONSplicer.object(value, adding: try unknownMembers(of: section))
            splicer.replace(section.rawValue, with: whole)
            result.changed[section] = Data(whole)
            result.present[section] = Data(whole)
        }
        guard !result.changed.isEmpty || !result.removed.isEmpty else { return result }
        result.bytes = splicer.result()
        guard result.bytes.count <= JobDocument.largestBody else { throw Self.tooLarge }
        return result
    }

    /// Returns the bytes of the body with sections of other bodies, as they are.
    /// - Parameters:
    ///   - sections: the JSON of each section that is replaced or added.
    ///   - removed: the sections that are left out.
    /// - Throws: ``ContractViolation`` if the body would be larger than ``JobDocument/largestBody``.
    public func bytes(
        with sections: [JobSection: Data], without removed: Set<JobSection> = []
    ) throws(ContractViolation) -> Data {
        var splicer = JSONSplicer(bytes: [UInt8](bytes), members: members)
        for section in JobSection.allCases {
            if removed.contains(section) {
                splicer.remove(section.rawValue)
            } else if let value = sections[section] {
                splicer.replace(section.rawValue, with: [UInt8](value))
            }
        }
        let result = splicer.result()
        guard result.count <= JobDocument.largestBody else { throw Self.tooLarge }
        return result
    }
}

extension JobBody {
    private func member(of section: JobSection) -> JSONMember? {
        members.first { $0.name == section.rawValue && slice($0.value) != Array("null".utf8)[...] }
    }

    private func slice(_ range: Range<Int>) -> ArraySlice<UInt8> {
        let start = bytes.startIndex
        return ArraySlice(bytes[start + range.lowerBound..<start + range.upperBound])
    }

    /// Returns the members of a section that this version does not know, each as `"name":value`.
    private func unknownMembers(of section: JobSection) throws(ContractViolation) -> [ArraySlice<UInt8>] {
        guard let member = member(of: section) else { return [] }
        let bytes = Array(slice(member.value))
        return try JSONScanner.members(of: bytes).filter { !section.knows($0.name) }
            .map { bytes[$0.key] + [UInt8(ascii: ":")] + bytes[$0.value] }
    }

    private static var tooLarge: ContractViolation {
        ContractViolation(path: "", problem: "is larger than \(JobDocument.largestBody) bytes")
    }
}
