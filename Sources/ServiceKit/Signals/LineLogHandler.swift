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

    /// Creates a handler that writes to standard output, and never waits for its reader.
    public init(service: String, level: Logger.Level, format: LogFormat) {
        self.init(service: service, level: level, format: format, write: LogOutput.process.write)
        LogOutput.process.describeLosses(lossLine)
    }

    /// - Parameter write: writes one line, which has no line end.
    public init(
        service: String, level: Logger.Level, format: LogFormat, write: @escaping @Sendable (String) -> Void
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

    /// Returns the line that says how many lines were dropped.
    @Sendable func lossLine(_ count: Int) -> String {
        let context: Logger.Metadata = [
            "event": .string(LogEventName.logLinesDropped.rawValue), "lines": .stringConvertible(count),
        ]
        let message = "log lines were dropped because the output was full, slow or closed"
        switch format {
        case .json: return json(.warning, message, context, .now)
        case .text: return text(.warning, message, context, .now)
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
