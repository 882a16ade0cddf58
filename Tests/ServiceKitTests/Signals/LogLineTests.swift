import Contracts
import Foundation
import Logging
import ServiceKit
import Synchronization
import Testing

struct LogLineTests {
    private struct Failure: Error, CustomStringConvertible { let description = "out of\nluck" }

    /// Collects the lines of one logger.
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    private func lines(
        _ format: LogFormat, level: Logger.Level = .info, provider: Logger.MetadataProvider? = nil,
        _ body: (inout Logger) -> Void
    ) -> [String] {
        let lines = Lines()
        var logger = Logger(label: "test") { _ in
            var handler = LineLogHandler(service: "tag", level: level, format: format) { lines.add($0) }
            handler.metadataProvider = provider
            return handler
        }
        body(&logger)
        return lines.all
    }

    private func json(_ body: (inout Logger) -> Void) throws -> [String: JSONValue] {
        let lines = lines(.json, body)
        try #require(lines.count == 1)
        guard case .object(let members) = try ContractCoding.decode(JSONValue.self, from: Data(lines[0].utf8)) else {
            Issue.record("no object: \(lines[0])")
            return [:]
        }
        return members
    }

    @Test func `A line has time, level, service, message and the name of the event`() throws {
        let members = try json { $0.log(event: .moveCompleted, level: .warning, "moved", metadata: ["bytes": "1"]) }
        #expect(Set(members.keys) == ["ts", "level", "service", "message", "event", "bytes"])
        #expect(members["ts"]?.stringValue.flatMap { Timestamp($0) } != nil)
        #expect(members["level"] == "warning")
        #expect(members["service"] == "tag")
        #expect(members["message"] == "moved")
        #expect(members["event"] == "hdm.move.completed")
    }

    @Test(arguments: [
        "", "plain", "\"quoted\" and \\back\\", "line\nend\r\ttab", "\u{0}\u{1}\u{1F}\u{7F}\u{80}", "🎵👩‍👩‍👧é日本\u{2028}",
        "a\r\nb", "\"\u{301}\\\u{301}", "{\"a\":1}", "\u{FEFF}\u{FFFF}", String(repeating: "x", count: 100_000),
    ])
    func `Any text is one line of JSON and is decoded unchanged`(_ text: String) throws {
        let logged = lines(.json) { $0.info("\(text)", metadata: ["note": .string(text), "a\"\n\(text)": "x"]) }
        #expect(logged.count == 1)
        #expect(logged.allSatisfy { !$0.unicodeScalars.contains { $0.value < 0x20 } })
        let members = try json { $0.info("\(text)", metadata: ["note": .string(text), "a\"\n\(text)": "x"]) }
        #expect(members["message"]?.stringValue.map { Array($0.utf8) } == Array(text.utf8))
        #expect(members["note"]?.stringValue.map { Array($0.utf8) } == Array(text.utf8))
        #expect(members.keys.contains { $0.utf8.elementsEqual("a\"\n\(text)".utf8) })
    }

    @Test func `Lists, objects, numbers and flags keep their shape`() throws {
        let members = try json {
            $0.info(
                "m",
                metadata: [
                    "list": ["a", .stringConvertible(2), ["b"]],
                    "object": ["x": ["y": "z\""], "n": .stringConvertible(1.5)],
                    "int": .stringConvertible(Int64.max), "flag": .stringConvertible(true),
                    "nan": .stringConvertible(Double.nan), "inf": .stringConvertible(Double.infinity),
                    "other": .stringConvertible(UInt8(7)),
                ])
        }
        #expect(members["list"] == ["a", 2, ["b"]])
        #expect(members["object"] == ["x": ["y": "z\""], "n": 1.5])
        #expect(members["int"] == .integer(.max))
        #expect(members["flag"] == true)
        #expect(members["nan"] == .null)
        #expect(members["inf"] == .null)
        #expect(members["other"] == "7")
    }

    @Test func `Metadata of the call overrides the provider's, which overrides the logger's`() throws {
        let provider = Logger.MetadataProvider { ["a": "provider", "b": "provider"] }
        let line = lines(.text, provider: provider) { logger in
            logger[metadataKey: "b"] = "logger"
            logger[metadataKey: "c"] = "logger"
            logger.info("m", metadata: ["a": "call"])
        }
        #expect(line.first?.hasSuffix(" INFO tag: m a=call b=provider c=logger") == true)
    }

    @Test func `Metadata cannot replace the line's own members`() throws {
        let members = try json {
            $0.info("m", metadata: ["level": "x", "message": "y", "ts": "z", "service": "s"])
        }
        #expect(members["level"] == "info")
        #expect(members["message"] == "m")
        #expect(members["message_"] == "y")
        #expect(members["service"] == "tag")
        let text = try #require(lines(.json) { $0.info("m", metadata: ["level": "x"]) }.first)
        #expect(text.components(separatedBy: "\"level\":").count == 2)
    }

    @Test func `A logged error is in the line`() throws {
        let members = try json { $0.error("failed", error: Failure()) }
        #expect(members["error"] == "out of\nluck")
    }

    @Test func `A text line is one line for any values`() throws {
        let logged = lines(.text) {
            $0.warning("two\nlines \"é🎵\"", metadata: ["path": "a\r\nb\u{1B}[31m\u{7F}"])
            $0.info("bare")
        }
        try #require(logged.count == 2)
        #expect(logged[0].hasSuffix(#" WARNING tag: two\nlines "é🎵" path=a\r\nb\u001b[31m\u007f"#))
        #expect(logged[1].hasSuffix(" INFO tag: bare"))
        #expect(Timestamp(String(logged[0].prefix { $0 != " " })) != nil)
    }

    @Test func `Lines below the level are not written`() {
        let logged = lines(.text, level: .warning) { logger in
            logger.debug("d")
            logger.info("i")
            logger.warning("w")
            logger.logLevel = .debug
            logger.debug("now")
        }
        #expect(
            logged.map { $0.split(separator: " ").dropFirst().joined(separator: " ") } == [
                "WARNING tag: w", "DEBUG tag: now",
            ])
    }

    @Test func `A job's logger names the job`() throws {
        var job = JobDocument(batchID: "b1", track: Track(artist: "A", title: "T"))
        let members = try json { $0.with(job, stage: .move, attempt: 3).info("m") }
        #expect(members["job_id"] == .string(job.jobID.text))
        #expect(members["batch_id"] == "b1")
        #expect(members["stage"] == "move")
        #expect(members["attempt"] == 3)
        job.batchID = nil
        #expect(try json { $0.with(job, stage: .move, attempt: 1).info("m") }["batch_id"] == nil)
    }
}
