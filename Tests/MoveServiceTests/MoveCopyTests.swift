import Contracts
import Foundation
import ServiceKit
import Synchronization
import TestSupport
import Testing

@testable import MoveService

@Suite struct `Move to another file system` {
    @Test func `the test has two file systems`() async throws {
        try await withTemporaryFolder { folder in
            try await withOtherFileSystem { other in
                let numbers = try [folder.url, other].map { url in
                    try FileManager.default.attributesOfItem(atPath: url.path)[.systemNumber] as? Int
                }
                #expect(numbers[0] != numbers[1])
            }
        }
    }

    @Test func `a copy is whole, has its modes, tells its progress and leaves no part`() async throws {
        try await withTemporaryFolder { folder in
            try await withOtherFileSystem { music in
                let fixture = try MoveFixture(folder, music: music)
                let content = String(repeating: "audio ", count: 600_000)
                let job = try fixture.job(content: content)
                let seen = Mutex<[Int64]>([])
                let copies = Mutex<[Int64]>([])
                let watch = MoveWatch(
                    progress: { done, _ in seen.withLock { $0.append(done) } },
                    copies: { size in copies.withLock { $0.append(size) } })
                #expect(try fixture.mover(FilePermissions(umask: 0o077)).move(job, watch) == .moved(MoveFixture.first))
                #expect(try fixture.files() == [MoveFixture.first: content])
                #expect(copies.withLock { $0 } == [3_600_000])
                #expect(seen.withLock { $0 } == [1 << 20, 2 << 20, 3 << 20, 3_600_000])
                let attributes = try FileManager.default.attributesOfItem(
                    atPath: music.appending(path: MoveFixture.first).path)
                #expect(attributes[.posixPermissions] as? Int == 0o600)
                #expect(!fixture.hasStaging(job))
            }
        }
    }

    @Test func `a cancelled copy leaves no part and can be done again`() async throws {
        try await withTemporaryFolder { folder in
            try await withOtherFileSystem { music in
                let fixture = try MoveFixture(folder, music: music)
                let job = try fixture.job()
                #expect(throws: CancellationError.self) {
                    try fixture.mover().move(job, MoveWatch(isCancelled: { true }))
                }
                #expect(try fixture.files().isEmpty)
                #expect(try fixture.mover().move(job) == .moved(MoveFixture.first))
            }
        }
    }

    @Test func `a source that changes while it is copied does not arrive`() async throws {
        try await withTemporaryFolder { folder in
            try await withOtherFileSystem { music in
                let fixture = try MoveFixture(folder, music: music)
                let job = try fixture.job()
                let tagged = fixture.staging.folder(of: job.job).appending(path: "tagged.flac").path
                let watch = MoveWatch(before: { step in
                    guard step == .fillPartial else { return }
                    let file = try #require(FileHandle(forWritingAtPath: tagged))
                    try file.write(contentsOf: Data("AUDIO".utf8))
                })
                #expect(throws: ContentChanged.self) { try fixture.mover().move(job, watch) }
                #expect(try fixture.files().isEmpty)
            }
        }
    }

    @Test func `a place that appears during the copy is respected`() async throws {
        try await withTemporaryFolder { folder in
            try await withOtherFileSystem { music in
                let fixture = try MoveFixture(folder, music: music)
                let job = try fixture.job()
                let watch = MoveWatch(before: { step in
                    let taken = fixture.music.appending(path: MoveFixture.first).path
                    guard step == .linkPartial, !FileManager.default.fileExists(atPath: taken) else { return }
                    try fixture.put("somebody's own", at: MoveFixture.first)
                })
                #expect(try fixture.mover().move(job, watch) == .moved("Artist/Album/01 Song (2).flac"))
                #expect(
                    try fixture.files()
                        == [MoveFixture.first: "somebody's own", "Artist/Album/01 Song (2).flac": "audio"])
            }
        }
    }
}
