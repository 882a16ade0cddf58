import Contracts
import Files
import Foundation
import TestSupport
import Testing

@testable import ServiceKit

@Suite struct PauseMarkersTests {
    @Test func `A marker contains who pauses and since when, and is removed once`() async throws {
        try await withTemporaryFolder { folder in
            let markers = PauseMarkers(downloads: folder.url)
            let time = try #require(Timestamp("2026-03-01T10:00:00Z"))
            try markers.pause(.service(.match), by: "alice", at: time)
            try markers.pause(.all, for: PauseMarkers.upgrade, by: "hdm topology upgrade", at: time)
            #expect(
                try markers.markers() == [
                    .init(scope: .all, command: "upgrade", by: "hdm topology upgrade", at: time),
                    .init(scope: .service(.match), command: nil, by: "alice", at: time),
                ])
            #expect(try markers.resume(.service(.match)))
            #expect(try !markers.resume(.service(.match)))
            #expect(try markers.markers()?.map(\.scope) == [.all])
        }
    }

    @Test func `The end of a command's pause does not end a person's pause`() async throws {
        try await withTemporaryFolder { folder in
            let markers = PauseMarkers(downloads: folder.url)
            try markers.pause(.all, by: "alice")
            try markers.pause(.all, for: "census", by: "recovery")
            #expect(try markers.resume(.all, for: "census"))
            #expect(try markers.markers()?.map(\.by) == ["alice"])
        }
    }

    @Test func `A file that was created by hand pauses, and other files do not`() async throws {
        try await withTemporaryFolder { folder in
            let markers = PauseMarkers(downloads: folder.url)
            let path = folder.url.appending(path: ".harmony/paused").path
            try DiskFolder(path).make()
            for name in ["download", "elsewhere", ".hdm-1.draft"] { _ = try SmallFile("\(path)/\(name)").create([]) }
            #expect(
                try markers.markers() == [
                    .init(scope: .service(.download), command: nil, by: "the file download", at: nil)
                ])
        }
    }

    @Test func `A volume that is not mounted causes no pause and ends none`() async throws {
        try await withTemporaryFolder { folder in
            let (mounted, away) = (folder.url.appending(path: ".harmony").path, folder.url.appending(path: "away").path)
            let markers = PauseMarkers(downloads: folder.url)
            let pauses = PauseState(markers, service: .tag)
            #expect(pauses.isPaused)
            await pauses.refresh()
            #expect(!pauses.isPaused && pauses.check == .ok)
            try markers.pause(.service(.tag), by: "alice")
            await pauses.refresh()
            #expect(pauses.isPaused)
            try FileManager.default.moveItem(atPath: mounted, toPath: away)
            await pauses.refresh()
            #expect(pauses.isPaused)
            try FileManager.default.moveItem(atPath: away, toPath: mounted)
            #expect(try markers.resume(.service(.tag)))
            await pauses.refresh()
            #expect(!pauses.isPaused)
        }
    }

    @Test func `A service is paused until the volume can be read for the first time`() async throws {
        try await withTemporaryFolder { folder in
            let downloads = folder.url.appending(path: "downloads")
            let pauses = PauseState(PauseMarkers(downloads: downloads), service: .tag)
            await pauses.refresh()
            #expect(pauses.isPaused && pauses.isUpgrading)
            #expect(pauses.check == .noted("paused until the markers in the downloads folder can be read"))
            // A folder that cannot be read.
            try DiskFolder(downloads.appending(path: ".harmony").path).make()
            try Data().write(to: downloads.appending(path: ".harmony/paused"))
            await pauses.refresh()
            #expect(pauses.isPaused && pauses.isUpgrading)
            try FileManager.default.removeItem(at: downloads.appending(path: ".harmony"))
            await pauses.refresh()
            #expect(!pauses.isPaused && !pauses.isUpgrading && pauses.check == .ok)
        }
    }

    @Test func `A service is paused by its own marker and by that of all services`() async throws {
        try await withTemporaryFolder { folder in
            let markers = PauseMarkers(downloads: folder.url)
            let pauses = PauseState(markers, service: .tag)
            try markers.pause(.service(.move), by: "alice")
            await pauses.refresh()
            #expect(!pauses.isPaused)
            let time = try #require(Timestamp("2026-03-01T10:00:00Z"))
            try markers.pause(.all, by: "alice", at: time)
            await pauses.refresh()
            #expect(pauses.isPaused && !pauses.isUpgrading)
            #expect(pauses.check == .noted("paused by alice since \(time)"))
            try markers.pause(.all, for: PauseMarkers.upgrade, by: "hdm topology upgrade")
            await pauses.refresh()
            #expect(pauses.isUpgrading)
        }
    }
}

/// A worker and the markers on its volume.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct PausedWorkerTests {
    @Test func `A worker whose volume cannot be read yet consumes nothing`() async throws {
        let handler = ScriptedHandler { job, _ in .completed(job) }
        try await withTemporaryFolder { folder in
            let downloads = folder.path("downloads")
            try await WorkerFixture.run(handler, environment: ["DOWNLOADS_DIR": downloads]) { fixture in
                try await fixture.publish(.sample())
                try await eventually("/ready says it") {
                    fixture.runtime.readiness.report().checks["pause"]?.reason?.hasPrefix("paused until") == true
                }
                #expect(try await fixture.consumers("hdm.q.match") == 0)
                #expect(try await fixture.ready("hdm.q.match") == 1)
                try DiskFolder(downloads).make()
                try await eventually("it is done") { try await fixture.ready("hdm.q.download") == 1 }
            }
        }
    }

    @Test func `A paused worker consumes nothing, finishes its running jobs and stays ready`() async throws {
        let door = Door()
        let handler = ScriptedHandler { job, _ in
            if job.track.title == "first" { try await door.pass() }
            return .completed(job)
        }
        try await withTemporaryFolder { folder in
            let markers = PauseMarkers(downloads: folder.url)
            let environment = ["DOWNLOADS_DIR": folder.path, "HDM_CONCURRENCY_MATCH": "1"]
            try await WorkerFixture.run(handler, environment: environment) { fixture in
                try await fixture.publish(.sample("first"))
                try await eventually("the handler runs") { handler.running == 1 }
                try markers.pause(.service(.match), by: "alice")
                try await eventually("there are no consumers") { try await fixture.consumers("hdm.q.match") == 0 }
                try await fixture.publish(.sample("second"))
                door.open()
                try await eventually("the first is done") { try await fixture.ready("hdm.q.download") == 1 }
                try await eventually("/ready says it") {
                    let check = fixture.runtime.readiness.report().checks["pause"]
                    return check?.reason?.hasPrefix("paused by alice since") == true
                }
                #expect(fixture.runtime.readiness.isReady)
                #expect(try await fixture.ready("hdm.q.match") == 1)
                #expect(handler.titles == ["first"])
                #expect(try markers.resume(.service(.match)))
                try await eventually("both are done") { try await fixture.ready("hdm.q.download") == 2 }
            }
        }
        #expect(handler.titles == ["first", "second"])
    }

    @Test func `A worker that starts while a marker exists takes no message`() async throws {
        let handler = ScriptedHandler { job, _ in .completed(job) }
        try await withTemporaryFolder { folder in
            let markers = PauseMarkers(downloads: folder.url)
            try markers.pause(.all, by: "alice")
            try await WorkerFixture.run(handler, environment: ["DOWNLOADS_DIR": folder.path]) { fixture in
                try await fixture.publish(.sample())
                try await eventually("the service is ready") { fixture.runtime.readiness.isReady }
                #expect(!fixture.runtime.mayConsume)
                #expect(try await fixture.consumers("hdm.q.match") == 0)
            } check: { left in
                #expect(left["hdm.q.match"].map(\.redelivered) == [false])
            }
        }
    }
}
