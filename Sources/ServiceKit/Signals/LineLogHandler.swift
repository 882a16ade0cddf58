import Contracts
import Foundation
public import Logging

/// A log handler that writes each event to standard output as one line: a JSON object, or a short text for people.
///
/// Each metadata key becomes a member of the object. A key with the name of a fixed member gets `_` at its end.
public struct LineLogHandler: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    private let service: String
    private let format: LogFormat
    private let write: @Sendable (String) -> Void

    /// - Parameter write: writes one line, which has no line end; by default to standard output.
    public init(
        service: String, level: Logger.Level, format: LogFormat,
        write: @escaping @Sendable (String) -> Void = StandardOutput.write
    ) {
        self.service = service
        self.logLevel = level
        self.format = format
        self.write = write
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: Logging.LogEvent) {
        var context = metadata
        if let provided = metadataProvider?.get() { context.merge(provided) { _, new in new } }
        if let own = event.metadata { context.merge(own) { _, new in new } }
        if let error = event.error, context[LogKey.error] == nil { context[LogKey.error] = .string("\(error)") }
        let now = Timestamp.now
        switch format {
        case .json: write(json(event.level, "\(event.message)", context, now))
        case .text: write(text(event.level, "\(event.message)", context, now))
        }
    }

    private func json(
        _ level: Logger.Level, _ message: String, _ context: Logger.Metadata, _ now: Timestamp
    ) -> String {
        var members: [(String, JSONValue)] = [
            ("ts", .string(now.description)), ("level", .string(level.rawValue)), ("service", .string(service)),
            ("message", .string(message)),
        ]
        for (key, value) in context.sorted(by: { $0.key < $1.key }) {
            members.append((Self.ownMembers.contains(key) ? key + "_" : key, JSONValue(value)))
        }
        return "{" + members.map { "\(JSONText.quoted($0)):\(JSONText.of($1))" }.joined(separator: ",") + "}"
    }

    private func text(
        _ level: Logger.Level, _ message: String, _ context: Logger.Metadata, _ now: Timestamp
    ) -> String {
        let details = context.sorted { $0.key < $1.key }.map { " \($0)=\($1)" }.joined()
        return JSONText.escaped("\(now) \(level.rawValue.uppercased()) \(service): \(message)\(details)")
    }

    private static let ownMembers: Set = ["ts", "level", "service", "message"]
}

/// Writes whole lines to standard output, from any thread.
public enum StandardOutput {
    @Sendable public static func write(_ line: String) {
        // One call for each line, so that lines of several threads do not mix.
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
}
