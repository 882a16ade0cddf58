import Contracts
import Foundation
import TestSupport
import Testing

/// The log lines of the services match `contracts/log-events.md`.
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

    @Test func `every event is in log-events md and has the fields that its row lists`() async throws {
        let required = try Self.requiredFields()
        let lines = try await lines().filter { $0.json["event"] != nil }
        for line in lines {
            let fields = try #require(required[line.event], "\(line.text)")
            for field in fields { #expect(line.json[field] != nil, "\(field) in \(line.text)") }
        }
        let expected: [LogEventName] = [
            .intakeAccepted, .intakeRejected, .matchEnqueued, .matchCompleted, .matchRejected, .reviewAsked,
            .reviewDecided, .downloadStarted, .downloadCandidateFailed, .downloadCompleted, .tagCompleted,
            .tagRejected, .moveCompleted, .dedupeSkipped, .retryScheduled, .recoveryDeadLettered, .recoveryRequeued,
            .recoveryPurged, .expansionWaiting, .readinessChanged, .serviceStarted, .serviceStopped, .brokerConnected,
        ]
        #expect(Set(lines.map(\.event)).isSuperset(of: expected.map(\.rawValue)))
    }

    @Test func `measured values are logged as numbers`() async throws {
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

    @Test func `lines of a stage contain the job, its batch, its stage, its attempt and its trace`() async throws {
        // The planner resolves recordings without a job.
        let stages = Stage.allCases.map { "hdm.\($0.rawValue)." } + ["hdm.dedupe.", "hdm.retry."]
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

    @Test func `no line contains a password or a key`() async throws {
        let password = ContractRun.brokerPassword
        let escaped = password.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let run = try await ContractRun.shared.value
        let logs = run.logs.values.joined()
        #expect(logs.count > 1000)
        for secret in [password, escaped, ContractRun.apiKey, run.serviceKey] { #expect(!logs.contains(secret)) }
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

    /// Returns the fields of each event of the table, except those whose description is a condition.
    private static func requiredFields() throws -> [String: [String]] {
        let text = try String(contentsOfFile: PackageRoot.path("contracts/log-events.md"), encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `hdm.") }.map { $0.split(separator: "|") }
        return rows.reduce(into: [:]) { required, cells in
            let event = cells[0].trimmingCharacters(in: CharacterSet(charactersIn: " `"))
            let fields = cells.count < 3 ? [] : cells[2].matches(of: /`([a-z_]+)`(?! (?:and `[a-z_]+` )?(?:where|if) )/)
            required[event] = fields.map { String($0.1) }
        }
    }
}
