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

    @Test func `a copy is complete, has its mode, reports its progress and leaves no partial file`() async throws {
        try await withTemporaryFolder { folder in
            try await withOtherFileSystem { music in
                let fixture = try MoveFixture(folder, music: music)
                let content = String(repeating: "audio ", count: 600_000)
                let job = try fixture.job(content: content)
                let seen = Mutex<[Int64]>([])
                let copies = Mutex<[Int64]>([])
                let observer = MoveObserver(
                    progress: { done, _ in seen.withLock { $0.append(done) } },
                    willCopy: { size in copies.withLock { $0.append(size) } })
                #expect(
                    try fixture.mover(FilePermissions(umask: 0o077)).move(job, observer) == .moved(MoveFixture.first))
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

    @Test func `a cancelled copy leaves no partial file and can be repeated`() async throws {
        try await withTemporaryFolder { folder in
            try await withOtherFileSystem { music in
                let fixture = try MoveFixture(folder, music: music)
                let job = try fixture.job()
                #expect(throws: CancellationError.self) {
                    try fixture.mover().move(job, MoveObserver(isCancelled: { true }))
                }
                #expect(try fixture.files().isEmpty)
                #expect(try fixture.mover().move(job) == .moved(MoveFixture.first))
            }
        }
    }

    @Test func `a source that changes while it is copied is not moved`() async throws {
        try await withTemporaryFolder { folder in
            try await withOtherFileSystem { music in
                let fixture = try MoveFixture(folder, music: music)
                let job = try fixture.job()
                let tagged = fixture.staging.folder(of: job.job).appending(path: "tagged.flac").path
                let observer = MoveObserver(before: { step in
                    guard step == .fillPartial else { return }
                    let file = try #require(FileHandle(forWritingAtPath: tagged))
                    try file.write(contentsOf: Data("AUDIO".utf8))
                })
                #expect(throws: ContentChanged.self) { try fixture.mover().move(job, observer) }
                #expect(try fixture.files().isEmpty)
            }
        }
    }

    @Test func `a file that appears at the target during the copy is not replaced`() async throws {
        try await withTemporaryFolder { folder in
            try await withOtherFileSystem { music in
                let fixture = try MoveFixture(folder, music: music)
                let job = try fixture.job()
                let observer = MoveObserver(before: { step in
                    let taken = fixture.music.appending(path: MoveFixture.first).path
                    guard step == .linkPartial, !FileManager.default.fileExists(atPath: taken) else { return }
                    try fixture.writeFile("another file", at: MoveFixture.first)
                })
                #expect(try fixture.mover().move(job, observer) == .moved("Artist/Album/01 Song (2).flac"))
                #expect(
                    try fixture.files()
                        == [MoveFixture.first: "another file", "Artist/Album/01 Song (2).flac": "audio"])
            }
        }
    }
}
