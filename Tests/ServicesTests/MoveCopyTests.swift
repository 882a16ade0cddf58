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
                let world = try MoveWorld(folder, music: music)
                let content = String(repeating: "audio ", count: 600_000)
                let job = try world.job(content: content)
                let seen = Mutex<[Int64]>([])
                let copies = Mutex<[Int64]>([])
                let watch = MoveWatch(
                    progress: { done, _ in seen.withLock { $0.append(done) } },
                    copies: { size in copies.withLock { $0.append(size) } })
                #expect(try world.mover(FilePermissions(umask: 0o077)).move(job, watch) == .moved(MoveWorld.first))
                #expect(try world.files() == [MoveWorld.first: content])
                #expect(copies.withLock { $0 } == [3_600_000])
                #expect(seen.withLock { $0 } == [1 << 20, 2 << 20, 3 << 20, 3_600_000])
                let attributes = try FileManager.default.attributesOfItem(
                    atPath: music.appending(path: MoveWorld.first).path)
                #expect(attributes[.posixPermissions] as? Int == 0o600)
                #expect(!world.hasStaging(job))
            }
        }
    }

    @Test func `a cancelled copy leaves no part and can be done again`() async throws {
        try await withTemporaryFolder { folder in
            try await withOtherFileSystem { music in
                let world = try MoveWorld(folder, music: music)
                let job = try world.job()
                #expect(throws: CancellationError.self) {
                    try world.mover().move(job, MoveWatch(isCancelled: { true }))
                }
                #expect(try world.files().isEmpty)
                #expect(try world.mover().move(job) == .moved(MoveWorld.first))
            }
        }
    }

    @Test func `a source that changes while it is copied does not arrive`() async throws {
        try await withTemporaryFolder { folder in
            try await withOtherFileSystem { music in
                let world = try MoveWorld(folder, music: music)
                let job = try world.job()
                let tagged = world.staging.folder(of: job.job).appending(path: "tagged.flac").path
                let watch = MoveWatch(before: { step in
                    guard step == .fillPartial else { return }
                    let file = try #require(FileHandle(forWritingAtPath: tagged))
                    try file.write(contentsOf: Data("AUDIO".utf8))
                })
                #expect(throws: ContentChanged.self) { try world.mover().move(job, watch) }
                #expect(try world.files().isEmpty)
            }
        }
    }

    @Test func `a place that appears during the copy is respected`() async throws {
        try await withTemporaryFolder { folder in
            try await withOtherFileSystem { music in
                let world = try MoveWorld(folder, music: music)
                let job = try world.job()
                let watch = MoveWatch(before: { step in
                    let taken = world.music.appending(path: MoveWorld.first).path
                    guard step == .linkPartial, !FileManager.default.fileExists(atPath: taken) else { return }
                    try world.put("somebody's own", at: MoveWorld.first)
                })
                #expect(try world.mover().move(job, watch) == .moved("Artist/Album/01 Song (2).flac"))
                #expect(
                    try world.files()
                        == [MoveWorld.first: "somebody's own", "Artist/Album/01 Song (2).flac": "audio"])
            }
        }
    }
}
