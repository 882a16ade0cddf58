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
    )
        -> String
    {
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
    )
        -> String
    {
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

extension JSONValue {
    /// Converts a log value. A value of an unknown type becomes its description.
    init(_ value: Logger.MetadataValue) {
        switch value {
        case .string(let text): self = .string(text)
        case .stringConvertible(let value): self = JSONValue(describing: value)
        case .array(let values): self = .array(values.map { JSONValue($0) })
        case .dictionary(let values): self = .object(values.mapValues { JSONValue($0) })
        }
    }

    private init(describing value: any CustomStringConvertible) {
        switch value {
        case let number as Int: self = .integer(Int64(number))
        case let number as Int64: self = .integer(number)
        case let number as Double: self = .number(number)
        case let flag as Bool: self = .bool(flag)
        default: self = .string(value.description)
        }
    }
}

/// JSON text of log values. It is written without an encoder because every log line needs it.
enum JSONText {
    static func of(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .integer(let number): String(number)
        case .number(let number): number.isFinite ? String(number) : "null"
        case .string(let text): quoted(text)
        case .array(let values): "[" + values.map(of).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.sorted { $0.key < $1.key }.map { "\(quoted($0)):\(of($1))" }.joined(separator: ",") + "}"
        }
    }

    static func quoted(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "\"") { result, scalar in
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            default: append(scalar, to: &result)
            }
        } + "\""
    }

    /// Escapes control characters as in JSON, so that the text stays on one line.
    static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { append($1, to: &$0) }
    }

    private static func append(_ scalar: Unicode.Scalar, to result: inout String) {
        switch scalar {
        case "\n": result += "\\n"
        case "\t": result += "\\t"
        case "\r": result += "\\r"
        case _ where scalar.value < 0x20 || scalar.value == 0x7F:
            let hex = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        default: result.unicodeScalars.append(scalar)
        }
    }
}
