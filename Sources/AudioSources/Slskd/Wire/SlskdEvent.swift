public import Contracts
public import Foundation

/// Something that happened in slskd.
public struct SlskdEvent: Sendable, Equatable {
    public enum Content: Sendable, Equatable {
        case fileCompleted(SlskdCompletedFile)
        /// Named as slskd does.
        case other(String)
    }

    public var id: UUID
    public var at: Timestamp?
    public var content: Content
}

/// A download that is in its place.
public struct SlskdCompletedFile: Sendable, Equatable {
    /// The final path, on slskd's side.
    public var localFilename: String
    public var remoteFilename: String
    public var transfer: SlskdTransfer?
}

extension SlskdEvent: Decodable {
    enum CodingKeys: String, CodingKey { case id, timestamp, type, data }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(UUID.self, forKey: .id)
        at = fields.slskdDate(.timestamp)?.time
        let type = try fields.decode(String.self, forKey: .type)
        content = .other(type)
        guard type.lowercased() == "downloadfilecomplete", let data = fields.lenient(.data, String.self) else { return }
        let file = try? SlskdJSON.anyCase.decode(SlskdCompletedFile.self, from: Data(data.utf8))
        content = file.map { .fileCompleted($0) } ?? content
    }
}

extension SlskdCompletedFile: Decodable {
    enum CodingKeys: String, CodingKey { case localFilename, remoteFilename, transfer }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        localFilename = try fields.decode(String.self, forKey: .localFilename)
        remoteFilename = fields.lenient(.remoteFilename) ?? ""
        transfer = fields.lenient(.transfer)
    }
}

/// How slskd's JSON is read.
enum SlskdJSON {
    static let decoder = JSONDecoder()

    /// For JSON within a text, whose names may begin with capitals.
    static let anyCase: JSONDecoder = {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .custom { path in
            let name = path.last?.stringValue ?? ""
            return Name(stringValue: name.prefix(1).lowercased() + name.dropFirst())
        }
        return decoder
    }()

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
