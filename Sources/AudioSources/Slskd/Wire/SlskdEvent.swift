public import Contracts
public import Foundation

/// An event of slskd.
public struct SlskdEvent: Sendable, Equatable {
    public enum Content: Sendable, Equatable {
        case fileCompleted(SlskdCompletedFile)
        /// Holds slskd's name of the event.
        case other(String)
    }

    public var id: UUID
    public var at: Timestamp?
    public var content: Content
}

/// A completed download at its final path.
public struct SlskdCompletedFile: Sendable, Equatable {
    /// The final path as slskd sees it.
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

/// The decoders of slskd's JSON.
enum SlskdJSON {
    static let decoder = JSONDecoder()

    /// For JSON inside a text, whose names can begin with upper-case letters.
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
