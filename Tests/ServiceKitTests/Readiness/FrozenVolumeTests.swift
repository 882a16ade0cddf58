import Contracts
import Files
import Foundation
import Logging
import TestSupport
import Testing

@testable import ServiceKit

/// Checks of a volume that hangs for real: a FUSE mount that never answers.
@Suite(.enabled(if: FrozenVolume.isPossible, "this user cannot mount FUSE volumes"), .timeLimit(.minutes(1)))
struct FrozenVolumeTests {
    private func readiness() -> Readiness {
        Readiness(service: .tag, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func threads(named name: String) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count {
            (try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)) == "\(name)\n"
        }
    }

    @Test func `A frozen volume fails its own check only, and passes again when it thaws`() async throws {
        try await withTemporaryFolder { folder in
            let (frozen, healthy) = (try folder.folder("frozen"), try folder.folder("healthy"))
            let readiness = readiness()
            readiness.add("downloads", VolumeCheck(frozen))
            readiness.add("music", VolumeCheck(healthy))
            let poll = Task { try await ReadinessPoll(readiness, every: .milliseconds(50), watching: []).run() }
            try await eventually("both checks pass") { readiness.isReady }
            let volume = try FrozenVolume(over: frozen.path)
            try await eventually("the check fails") { !readiness.isReady }
            let report = readiness.report()
            #expect(
                report.checks["downloads"]
                    == .init(
                        ok: false,
                        reason:
                            "the check of downloads did not finish in 5 s; the volume or the service that it checks "
                            + "may hang"))
            #expect(report.checks["music"] == .init(ok: true))
            volume.thaw()
            try await eventually("both checks pass") { readiness.isReady }
            poll.cancel()
            try await poll.value
        }
    }

    @Test func `A check that hangs is not started again, and its result has an age`() async throws {
        try await withTemporaryFolder { folder in
            let volume = try FrozenVolume(over: folder.path)
            defer { volume.thaw() }
            let readiness = readiness()
            let begun = Shared(0)
            let pool = BlockingPool(name: "frozen-test", threads: 4)
            readiness.add("downloads", deadline: .milliseconds(50)) {
                begun.change { $0 += 1 }
                _ = try? await pool.run { try FileStatus.read(folder.path) }
                return .ok
            }
            let other = Shared(0)
            readiness.add("other") {
                other.change { $0 += 1 }
                return .ok
            }
            let poll = Task { try await ReadinessPoll(readiness, every: .milliseconds(5), watching: []).run() }
            try await eventually("the other check ran often") { other.value >= 100 }
            try await eventually("the check fails") {
                readiness.report().checks["downloads"]?.reason?.contains("did not finish in 0.05 s") == true
            }
            for _ in 0..<20 { await readiness.refresh() }
            #expect(begun.value == 1)
            // Its result grows old; the others are fresh.
            try await eventually("the result has an age") { readiness.report().checks["downloads"]?.ageS != nil }
            #expect(readiness.report().checks["other"] == .init(ok: true))
            poll.cancel()
            try await poll.value
            volume.thaw()
            try await eventually("the check has returned") { begun.value > 1 || readiness.isReady }
        }
    }

    @Test func `The report is there while a check hangs, also for a database on the volume`() async throws {
        try await withTemporaryFolder { folder in
            let state = try folder.folder("state")
            try Data().write(to: state.appending(path: "a.db"))
            let check = DatabaseFileCheck(state.appending(path: "a.db"))
            let readiness = readiness()
            readiness.add("database", deadline: .milliseconds(100)) { await check.run {} }
            await readiness.refresh()
            #expect(readiness.isReady)
            let volume = try FrozenVolume(over: state.path)
            await readiness.refresh()
            #expect(readiness.report().checks["database"]?.reason?.contains("did not finish") == true)
            volume.thaw()
            try await eventually("the check passes") {
                await readiness.refresh()
                return readiness.isReady
            }
        }
    }
}
