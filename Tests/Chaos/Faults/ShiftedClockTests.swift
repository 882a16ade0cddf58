import Contracts
import Foundation
import TestSupport
import Testing

/// A fault that only crashes the process would show nothing.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct ShiftedClockTests {
    @Test(arguments: [-86_400, 90]) func `a service with another clock runs, and its log has that time`(
        _ seconds: Int
    ) async throws {
        try await withVhost { vhost in
            try await ServiceStack.run(brokerURL: vhost.url) { stack in
                await stack.set(try ShiftedClock.environment(seconds: seconds), of: .recovery)
                try await stack.start([.recovery])
                do {
                    try await stack.waitUntilReady([.recovery])
                } catch {
                    let log = try String(contentsOf: stack.folder.file("logs/recovery.log"), encoding: .utf8)
                    Issue.record("\(error): \(log.suffix(2000))")
                    return
                }
                let line = try #require(try stack.logLines(of: .serviceStarted).first)
                let time = try #require(line["ts"]?.stringValue.flatMap { Timestamp($0) })
                let shift = time.since(.now)
                #expect(shift > .seconds(seconds - 60) && shift < .seconds(seconds + 60))
                #expect(await stack.isRunning(.recovery))
            }
        }
    }
}
