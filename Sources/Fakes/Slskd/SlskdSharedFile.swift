import Contracts

/// A file in the list of a peer.
public struct SlskdSharedFile: Sendable {
    /// The virtual path as sent by the peer, usually with backslashes. It can be hostile.
    public var path: String
    public var content: SlskdContent
    /// The listed size. The transferred size is that of the content.
    public var size: Int64
    public var attributes: SlskdAttributes
    /// The extension as sent by the peer. SoulseekQt sends an empty one.
    public var fileExtension = ""
    /// Whether the file is locked. Requests for locked files are rejected.
    public var isLocked = false
    /// The behaviour for this file; `nil` for the behaviour of the peer.
    public var behaviour: SlskdPeerBehaviour?

    public init(_ path: String, content: SlskdContent, size: Int64, attributes: SlskdAttributes = SlskdAttributes()) {
        self.path = path
        self.content = content
        self.size = size
        self.attributes = attributes
    }

    /// Creates a file that is listed with its real size. Blocks.
    /// - Throws: The error of the file system.
    public init(_ path: String, content: SlskdContent, attributes: SlskdAttributes = SlskdAttributes()) throws {
        self.init(path, content: content, size: try content.size(), attributes: attributes)
    }

    /// Returns the same file with another content and its size, so that the transfer succeeds with wrong content.
    /// Blocks.
    /// - Throws: The error of the file system.
    public func sending(_ other: SlskdContent) throws -> SlskdSharedFile {
        var file = self
        (file.size, file.behaviour) = (try other.size(), .sendsOther(other))
        return file
    }

    /// Returns the same file with paths that try to leave a folder or to break a log, or that are too long. Each path
    /// ends in the file name.
    public func underHostilePaths() -> [SlskdSharedFile] {
        let name = path.split { $0 == "\\" || $0 == "/" }.last.map(String.init) ?? path
        let folders = [
            #"..\..\..\"#, #"@@abcde\..\Music\"#, "/etc/cron.d/", #"C:\Windows\System32\"#, #"\\server\share\in\"#,
            "@@abcde\\line\r\nbreak\u{1B}[2J\u{7}\\", #"@@abcde\-rf *\"#, #"@@abcde\. . .\"#,
            #"@@abcde\"# + String(repeating: "long ", count: 51) + #"\"#, "@@abcde\\nul\u{0}\\",
            #"@@abcde\~\$HOME\`id`\"#,
        ]
        return folders.map { folder in
            var file = self
            file.path = folder + name
            return file
        }
    }

    var json: JSONValue {
        .members([
            "filename": .string(path), "size": .integer(size), "code": 1, "extension": .string(fileExtension),
            "isLocked": false, "bitRate": attributes.bitRate.json, "bitDepth": attributes.bitDepth.json,
            "sampleRate": attributes.sampleRate.json, "length": attributes.length.json,
            "isVariableBitRate": attributes.isVariableBitRate.map { .bool($0) },
        ])
    }
}

/// The audio attributes as sent by a peer. Each can be missing or wrong.
public struct SlskdAttributes: Sendable, Equatable {
    /// kbit/s.
    public var bitRate: Int?
    public var bitDepth: Int?
    /// Hz.
    public var sampleRate: Int?
    /// In seconds.
    public var length: Int?
    public var isVariableBitRate: Bool?

    public init(
        bitRate: Int? = nil, bitDepth: Int? = nil, sampleRate: Int? = nil, length: Int? = nil,
        isVariableBitRate: Bool? = nil
    ) {
        self.bitRate = bitRate
        self.bitDepth = bitDepth
        self.sampleRate = sampleRate
        self.length = length
        self.isVariableBitRate = isVariableBitRate
    }
}
