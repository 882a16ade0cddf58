import AMQP
import Contracts
import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

@testable import ServiceKit

/// A check whose result a test sets.
final class Switch: Sendable {
    private let result: Mutex<CheckResult>

    init(_ result: CheckResult = .ok) { self.result = Mutex(result) }

    var value: CheckResult {
        get { result.withLock { $0 } }
        set { result.withLock { $0 = newValue } }
    }

    var check: Readiness.Check { { self.value } }
}

@Suite(.timeLimit(.minutes(1)))
struct ReadinessTests {
    private func readiness() -> Readiness {
        Readiness(service: .tag, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func `A check without a result counts as failing`() async {
        let readiness = readiness()
        readiness.add("disk") { .ok }
        #expect(!readiness.isReady)
        #expect(readiness.report().checks["disk"] == .init(ok: false, reason: "not checked yet"))
        await readiness.refresh()
        #expect(readiness.isReady)
    }

    @Test func `The report names every check, with the reason of those that fail`() async throws {
        let readiness = readiness()
        let broker = Switch(.failing("gone; start it"))
        readiness.add("disk") { .ok }
        readiness.add("broker", broker.check)
        await readiness.refresh()
        let report = readiness.report()
        #expect(!report.ok)
        #expect(report.service == .tag)
        #expect(report.checks == ["disk": .init(ok: true), "broker": .init(ok: false, reason: "gone; start it")])
        let json = String(decoding: try ContractCoding.encode(report, sorted: true), as: UTF8.self)
        #expect(
            json
                == #"{"checks":{"broker":{"ok":false,"reason":"gone; start it"},"disk":{"ok":true}},"ok":false,"service":"tag"}"#
        )
        broker.value = .ok
        await readiness.refresh()
        #expect(readiness.report().ok)
    }

    @Test func `Checks run concurrently`() async throws {
        let readiness = readiness()
        let (first, opened) = AsyncStream.makeStream(of: Void.self)
        readiness.add("waits") {
            for await _ in first {}
            return .ok
        }
        readiness.add("opens") {
            opened.finish()
            return .ok
        }
        await readiness.refresh()
        #expect(readiness.isReady)
    }

    @Test func `An observer gets the present readiness and every change once`() async {
        let readiness = readiness()
        let disk = Switch(.failing("a"))
        readiness.add("disk", disk.check)
        var changes = readiness.changes.makeAsyncIterator()
        #expect(await changes.next() == false)
        disk.value = .failing("b")
        await readiness.refresh()
        disk.value = .ok
        await readiness.refresh()
        await readiness.refresh()
        #expect(await changes.next() == true)
        disk.value = .failing("c")
        await readiness.refresh()
        #expect(await changes.next() == false)
    }

    @Test func `A check that is added later makes the service not ready until it has run`() async {
        let readiness = readiness()
        readiness.add("disk") { .ok }
        await readiness.refresh()
        var changes = readiness.changes.makeAsyncIterator()
        #expect(await changes.next() == true)
        readiness.add("music") { .failing("unmounted") }
        #expect(await changes.next() == false)
        await readiness.refresh()
        #expect(!readiness.isReady)
    }

    @Test func `The last word that an observer gets is the truth, however fast it changes`() async throws {
        let readiness = readiness()
        let disk = Switch()
        readiness.add("disk", disk.check)
        let last = Shared<Bool?>(nil)
        let observer = Task { for await word in readiness.changes { last.change { $0 = word } } }
        for round in 0..<50 {
            await withTaskGroup { group in
                for number in 0..<4 {
                    group.addTask {
                        disk.value = number.isMultiple(of: 2) ? .ok : .failing("\(round)")
                        await readiness.refresh()
                    }
                }
            }
            try await eventually("the observer has the readiness") { last.value == readiness.isReady }
        }
        observer.cancel()
    }

    @Test func `The state of a connection is a check's result`() {
        #expect(CheckResult(ConnectionStatus.open(serverVersion: "3.10", blocked: nil)) == .ok)
        let others: [ConnectionStatus] = [
            .open(serverVersion: "3.10", blocked: "low on memory"), .connecting, .closed,
            .down(AMQPError(.accessRefused, "refused")),
        ]
        for status in others {
            guard case .failing(let reason) = CheckResult(status) else {
                Issue.record("\(status) is no failure")
                continue
            }
            #expect(!reason.isEmpty)
        }
        #expect(
            CheckResult(others[0])
                == .failing("the broker does not accept messages: low on memory; free memory or disk space on its host")
        )
    }

    @Test func `The poll repeats the checks until its task is cancelled`() async throws {
        let readiness = readiness()
        let asked = Shared(0)
        readiness.add("disk") {
            asked.change { $0 += 1 }
            return .ok
        }
        let poll = Task { try await ReadinessPoll(readiness, every: .milliseconds(5), watching: []).run() }
        try await eventually("it asked five times") { asked.value >= 5 }
        poll.cancel()
        try await poll.value
    }
}
