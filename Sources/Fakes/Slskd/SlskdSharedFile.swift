import Contracts

/// A file as a peer lists it.
public struct SlskdSharedFile: Sendable {
    /// The virtual path exactly as the peer sends it, normally with backslashes; may be hostile.
    public var path: String
    public var content: SlskdContent
    /// As listed; what is sent has the content's size.
    public var size: Int64
    public var attributes: SlskdAttributes
    /// As sent by the peer: SoulseekQt sends an empty one.
    public var fileExtension = ""
    /// Is listed among the locked files, and requests for it are rejected.
    public var isLocked = false
    /// When this file goes another way than the rest of the peer.
    public var behaviour: SlskdPeerBehaviour?

    public init(_ path: String, content: SlskdContent, size: Int64, attributes: SlskdAttributes = SlskdAttributes()) {
        self.path = path
        self.content = content
        self.size = size
        self.attributes = attributes
    }

    /// A file that is listed with its real size. Blocks.
    /// - Throws: what the file system says of the content.
    public init(_ path: String, content: SlskdContent, attributes: SlskdAttributes = SlskdAttributes()) throws {
        self.init(path, content: content, size: try content.size(), attributes: attributes)
    }

    /// The same listing for something else, with its size: what such a peer sends is whole, and wrong. Blocks.
    /// - Throws: what the file system says of the content.
    public func sending(_ other: SlskdContent) throws -> SlskdSharedFile {
        var file = self
        (file.size, file.behaviour) = (try other.size(), .sendsOther(other))
        return file
    }

    /// The same file under paths that try to leave a folder, to break a log, or to be too long; each ends in the name.
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

/// What a peer says of the audio; each may be missing or wrong.
public struct SlskdAttributes: Sendable, Equatable {
    /// kbit/s.
    public var bitRate: Int?
    public var bitDepth: Int?
    /// Hz.
    public var sampleRate: Int?
    /// Whole seconds.
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
