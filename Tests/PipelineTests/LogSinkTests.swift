import Contracts
import Foundation
import TestSupport
import Testing

/// A log that cannot be written stops no service.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct LogSinkTests {
    @Test(
        "Services finish their jobs, answer and stop in order while nobody takes their log", arguments: LogSink.allCases
    )
    func sink(_ sink: LogSink) async throws {
        try await withVhost { vhost in
            try await ServiceStack.run(brokerURL: vhost.url) { stack in
                let collection = try Collection(count: 5, in: stack.source)
                let (output, kept) = try sink.open()
                let services = try AllServicesProcess(stack, brokerURL: vhost.url, output: output)
                defer { services.kill() }
                try output.close()
                try await eventually("the gateway is ready") { try await stack.status(of: "/ready") == 200 }
                let response = try await stack.submit(collection.submission)
                #expect(try await stack.waitForEnd(of: response) == Array(repeating: "completed", count: 5))
                #expect(try await stack.status(of: "/live") == 200)
                let metrics = String(decoding: try await stack.request(.get, "/metrics").body, as: UTF8.self)
                let dropped = metrics.split(separator: "\n").first { $0.hasPrefix("hdm_log_lines_dropped_total ") }
                // A pipe that is only full has room in the queue behind it.
                #expect((dropped == "hdm_log_lines_dropped_total 0") == (sink == .unreadPipe), "\(dropped ?? "none")")
                #expect(try await services.stop() == 0)
                try kept?.close()
            }
        }
    }

    @Test func `The log of a reader that was stopped arrives whole when it continues`() async throws {
        try await withVhost { vhost in
            try await ServiceStack.run(brokerURL: vhost.url) { stack in
                let collection = try Collection(count: 5, in: stack.source)
                let log = stack.folder.file("read.log")
                try Data().write(to: log)
                let pipe = try LogSink.smallPipe()
                let reader = Process()
                reader.executableURL = URL(filePath: "/bin/cat")
                reader.standardInput = pipe.fileHandleForReading
                reader.standardOutput = try FileHandle(forWritingTo: log)
                try reader.run()
                kill(reader.processIdentifier, SIGSTOP)
                defer { kill(reader.processIdentifier, SIGKILL) }
                let services = try AllServicesProcess(
                    stack, brokerURL: vhost.url, output: pipe.fileHandleForWriting)
                defer { services.kill() }
                for end in [pipe.fileHandleForReading, pipe.fileHandleForWriting] { try end.close() }
                try await eventually("the gateway is ready") { try await stack.status(of: "/ready") == 200 }
                let response = try await stack.submit(collection.submission)
                #expect(try await stack.waitForEnd(of: response) == Array(repeating: "completed", count: 5))
                kill(reader.processIdentifier, SIGCONT)
                #expect(try await services.stop() == 0)
                try await eventually("the reader has read everything") { !reader.isRunning }
                let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
                let events = try lines.map { line in
                    try ContractCoding.decode(JSONValue.self, from: Data(line.utf8))["event"]?.stringValue
                }
                #expect(events.count { $0 == "hdm.move.completed" } == 5)
                #expect(events.last { $0 != nil } == "hdm.service.stopped")
                #expect(!events.contains("hdm.log.dropped"))
            }
        }
    }

    @Test(
        "A command whose output cannot be written fails, and says nothing when its reader has gone",
        arguments: [(LogSink.fullDisk, 74, "No space left"), (.closedPipe, 141, "")])
    func command(_ sink: LogSink, _ status: Int32, _ message: String) throws {
        let process = Process()
        let errors = Pipe()
        process.executableURL = try HdmProgram.url
        process.arguments = ["topology", "print"]
        process.standardOutput = try sink.open().output
        process.standardError = errors
        try process.run()
        let complained = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == status)
        let text = String(decoding: complained, as: UTF8.self)
        #expect(message.isEmpty ? text.isEmpty : text.contains(message), "\(text)")
    }
}
