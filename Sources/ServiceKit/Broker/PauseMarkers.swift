public import Contracts
public import Files
public import Foundation

/// The markers that pause the consumption of messages: small files in `<downloads>/.harmony/paused`.
///
/// The file `all` pauses every service, and a file with the name of a service pauses that service. A command that pauses
/// for itself adds its own name, such as `all.upgrade`, so that its end does not end the pause of a person. The markers
/// are authoritative and outlive restarts. Running jobs continue.
public struct PauseMarkers: Sendable {
    /// What a marker pauses.
    public enum Scope: Sendable, Hashable {
        case all
        case service(ServiceName)

        /// The first word of the file's name.
        public var name: String {
            switch self {
            case .all: "all"
            case .service(let service): service.rawValue
            }
        }

        /// - Returns: `nil` for a name that no scope has.
        public init?(_ name: some StringProtocol) {
            if name == "all" {
                self = .all
            } else if let service = ServiceName(rawValue: String(name)) {
                self = .service(service)
            } else {
                return nil
            }
        }
    }

    /// A marker that exists.
    public struct Marker: Sendable, Hashable {
        public var scope: Scope
        /// The command that the marker belongs to, such as `upgrade`; `nil` for a person's marker.
        public var command: String?
        /// Who wrote the marker.
        public var by: String
        /// `nil` for a file that was created by hand.
        public var at: Timestamp?
        /// When the marker ends by itself; `nil` for one that has to be removed.
        public var until: Timestamp?
    }

    /// The name that `hdm topology upgrade` adds to its marker.
    public static let upgrade = "upgrade"

    /// How long after a change every service has noticed it.
    public static let reaction: Duration = .seconds(3)

    private let downloads: URL

    public init(downloads: URL) { self.downloads = downloads }

    /// Writes a marker durably, in place of an earlier one of the same scope and command. Blocks.
    /// - Parameters:
    ///   - client: who pauses, for `/ready`.
    ///   - end: when the marker ends by itself, so that a command that is killed leaves no pause.
    public func pause(
        _ scope: Scope, for command: String? = nil, by client: String, at time: Timestamp = .now,
        until end: Timestamp? = nil
    ) throws(FileError) {
        let file = file(scope, command)
        try DiskFolder(of: file.path).make()
        let content = Content(by: client, at: time, until: end)
        // Two texts can always be encoded.
        try file.replace((try? ContractCoding.encode(content)).map(Array.init) ?? [])
    }

    /// Removes a marker durably. Blocks.
    /// - Returns: `false` when there was none.
    public func resume(_ scope: Scope, for command: String? = nil) throws(FileError) -> Bool {
        let path = file(scope, command).path
        guard unlink(path) == 0 else {
            let number = errno
            if number == ENOENT { return false }
            throw FileError("remove", path, number: number)
        }
        try DiskFolder(of: path).synchronise()
        return true
    }

    /// Returns all markers that have not ended, sorted by their file names. Blocks.
    /// - Returns: `nil` when HDM's folder is missing, because the volume is not mounted or nothing was written to it yet.
    public func markers() throws(FileError) -> [Marker]? {
        guard try FileStatus.read(folder, followLinks: true) != nil else {
            return try FileStatus.read(DiskFolder(of: folder).path, followLinks: true) == nil ? nil : []
        }
        let now = Timestamp.now
        return try DiskFolder(folder).names().sorted().compactMap(marker).filter { marker in
            marker.until.map { $0 > now } ?? true
        }
    }

    /// Whether the downloads folder exists. Blocks.
    var hasVolume: Bool {
        get throws(FileError) { try FileStatus.read(DiskFolder(downloads.path).path, followLinks: true) != nil }
    }

    private func marker(_ name: String) -> Marker? {
        let words = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let scope = Scope(words[0]) else { return nil }
        let command = words.count == 2 ? String(words[1]) : nil
        // A file that cannot be read pauses as well.
        let bytes = (try? file(scope, command).read(limit: 4096)) ?? nil
        let content = bytes.flatMap { try? ContractCoding.decode(Content.self, from: Data($0)) }
        return Marker(
            scope: scope, command: command, by: content?.by ?? "the file \(name)", at: content?.at,
            until: content?.until)
    }

    /// The file that `hdm topology upgrade` locks. Call ``pause(_:for:by:at:)`` before, which creates the folder.
    public var upgradeLock: URL { downloads.appending(path: ".harmony/topology-upgrade.lock") }

    private var folder: String { downloads.appending(path: ".harmony/paused").path }

    private func file(_ scope: Scope, _ command: String?) -> SmallFile {
        SmallFile("\(folder)/\(scope.name)\(command.map { ".\($0)" } ?? "")")
    }

    private struct Content: Codable {
        var by: String
        var at: Timestamp
        var until: Timestamp?
    }
}
