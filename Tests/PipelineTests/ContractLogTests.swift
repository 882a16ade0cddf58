import Contracts
import Foundation
import TestSupport
import Testing

/// What the services really log keeps `contracts/log-events.md`.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct ContractLogTests {
    @Test func `every line is one JSON object with time, level, service and message`() async throws {
        let levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
        for line in try await lines() {
            #expect(line.json["ts"]?.stringValue.flatMap { Timestamp($0) } != nil, "\(line.text)")
            #expect(levels.contains(line.json["level"]?.stringValue ?? ""), "\(line.text)")
            #expect(line.json["service"]?.stringValue == line.service.rawValue, "\(line.text)")
            #expect(line.json["message"]?.stringValue?.isEmpty == false, "\(line.text)")
        }
    }

    @Test func `every event is known and has the fields that log-events md promises`() async throws {
        let promised = try Self.promisedFields()
        let lines = try await lines().filter { $0.json["event"] != nil }
        for line in lines {
            let fields = try #require(promised[line.event], "\(line.text)")
            for field in fields { #expect(line.json[field] != nil, "\(field) in \(line.text)") }
        }
        let expected: [LogEventName] = [
            .intakeAccepted, .intakeRejected, .matchEnqueued, .matchCompleted, .matchRejected, .reviewAsked,
            .reviewDecided, .downloadStarted, .downloadCandidateFailed, .downloadCompleted, .tagCompleted,
            .tagRejected, .moveCompleted, .dedupeSkipped, .retryScheduled, .recoveryDeadLettered, .recoveryRequeued,
            .recoveryPurged, .readinessChanged, .serviceStarted, .serviceStopped, .brokerConnected,
        ]
        #expect(Set(lines.map(\.event)).isSuperset(of: expected.map(\.rawValue)))
    }

    @Test func `what is measured is logged as a number`() async throws {
        let measures = ["attempt", "bytes", "candidates", "duration_ms", "items", "score"]
        let values = try await lines().flatMap { line in measures.compactMap { line.json[$0] } }
        #expect(values.count > 20)
        for value in values {
            switch value {
            case .integer, .number: break
            default: Issue.record("\(value) is no number")
            }
        }
    }

    @Test func `lines about a job at work name it, its batch, its stage, its attempt and its trace`() async throws {
        let stages = Stage.allCases.map { "hdm.\($0.rawValue)." } + ["hdm.dedupe.", "hdm.retry."]
        // The planner looks recordings up without a job.
        let lines = try await lines().filter { line in
            line.service != .planner && stages.contains { line.event.hasPrefix($0) }
        }
        #expect(lines.count > 20)
        for line in lines {
            for field in ["job_id", "stage", "attempt"] { #expect(line.json[field] != nil, "\(line.text)") }
            #expect(line.json["attempt"]?.integerValue.map { $0 >= 1 } == true, "\(line.text)")
            let isTraced = line.json["batch_id"]?.stringValue == ContractScenario.batch
            #expect(line.json["trace_id"]?.stringValue == (isTraced ? ContractScenario.traceID : nil), "\(line.text)")
        }
    }

    @Test func `no line holds a password or a key`() async throws {
        let password = ContractRun.brokerPassword
        let escaped = password.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let logs = try await ContractRun.shared.value.logs.values.joined()
        #expect(logs.count > 1000)
        for secret in [password, escaped, ContractRun.apiKey] { #expect(!logs.contains(secret)) }
    }

    private struct Line {
        let service: ServiceName
        let text: Substring
        let json: JSONValue

        var event: String { json["event"]?.stringValue ?? "" }
    }

    private func lines() async throws -> [Line] {
        let logs = try await ContractRun.shared.value.logs
        #expect(logs.count == ServiceName.allCases.count && logs.values.allSatisfy { !$0.isEmpty })
        return try logs.flatMap { service, text in
            try text.split(separator: "\n").map { line in
                let json = try? ContractCoding.decode(JSONValue.self, from: Data(line.utf8))
                return Line(service: service, text: line, json: try #require(json, "no JSON: \(line)"))
            }
        }
    }

    /// The fields that the table names for each event; one followed by "where" is there only sometimes.
    private static func promisedFields() throws -> [String: [String]] {
        let text = try String(contentsOfFile: PackageRoot.path("contracts/log-events.md"), encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `hdm.") }.map { $0.split(separator: "|") }
        return rows.reduce(into: [:]) { promised, cells in
            let event = cells[0].trimmingCharacters(in: CharacterSet(charactersIn: " `"))
            promised[event] = cells.count < 3 ? [] : cells[2].matches(of: /`([a-z_]+)`(?! where)/).map { String($0.1) }
        }
    }
}
