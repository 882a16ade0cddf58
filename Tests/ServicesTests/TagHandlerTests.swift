import AudioFiles
import Contracts
import Crypto
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import TagService

@Suite struct `Tag handler` {
    @Test func `a tagged copy is the job's next section`() async throws {
        try await withTemporaryFolder { folder in
            let world = try TagWorld(folder, .opus)
            guard case .done(let job, let data) = try await world.handle() else { throw TagResult.NotTagged() }
            #expect(job.tag?.codec == "opus")
            #expect(job.download == world.job.download)
            #expect(data == ["codec": "opus"])
        }
    }

    @Test func `a cut file is refused`() async throws {
        try await withTemporaryFolder { folder in
            var world = try TagWorld(folder, .flac)
            try world.replaceSource(with: try Data(contentsOf: AudioFixture.flac.url).dropLast(3000))
            let failure = try await world.failure()
            #expect(failure?.code == .verificationFailed)
            #expect(try world.names() == ["source.flac"])
        }
    }

    @Test(arguments: [
        (Data(), ErrorCode.verificationFailed), (Data("<html>busy</html>".utf8), .verificationFailed),
        (Data([0x1A, 0x45, 0xDF, 0xA3]) + Data(repeating: 0, count: 4000), .unsupportedFormat),
    ])
    func `what is no audio that can be tagged is refused by its kind`(bytes: Data, code: ErrorCode) async throws {
        try await withTemporaryFolder { folder in
            var world = try TagWorld(folder, .flac)
            try world.replaceSource(with: bytes)
            #expect(try await world.failure()?.code == code)
        }
    }

    @Test func `another length is another recording`() async throws {
        try await withTemporaryFolder { folder in
            var world = try TagWorld(folder, .flac)
            world.job.track.durationMS = 17_500
            let failure = try await world.failure()
            #expect(failure?.code == .verificationFailed)
            #expect(failure?.message.contains("2 s long and 18 s were wanted") == true)
            for near in [nil, 0, 16_500] {
                world.job.track.durationMS = near
                #expect(try await world.failure() == nil)
            }
        }
    }

    @Test func `the tolerance is fifteen seconds, or seven per cent of what is long`() {
        #expect(SourceVerification.tolerance(60_000) == 15_000)
        #expect(SourceVerification.tolerance(600_000) == 42_000)
    }

    @Test func `a file that is gone, another, or a link begins anew at the download`() async throws {
        try await withTemporaryFolder { folder in
            let world = try TagWorld(folder, .flac)
            var changed = world.job
            changed.download?.size += 1
            var corrupt = world.job
            corrupt.download?.sha256 = String(repeating: "0", count: 64)
            for job in [changed, corrupt] {
                guard case .retry(_, _, from: .download, _) = try await world.handle(job) else {
                    throw TagResult.NotTagged()
                }
                #expect(try world.names() == ["source.flac"])
            }
            try FileManager.default.removeItem(atPath: world.source)
            guard case .retry(_, _, from: .download, _) = try await world.handle() else { throw TagResult.NotTagged() }
            try FileManager.default.createSymbolicLink(
                atPath: world.source, withDestinationPath: AudioFixture.flac.url.path)
            guard case .retry(_, _, from: .download, _) = try await world.handle() else { throw TagResult.NotTagged() }
        }
    }

    @Test func `a job without a fetched file, or with one elsewhere, is not valid`() async throws {
        try await withTemporaryFolder { folder in
            var world = try TagWorld(folder, .flac)
            world.job.download?.path = "../elsewhere.flac"
            #expect(try await world.failure()?.code == .invalidPayload)
            world.job.download = nil
            #expect(try await world.failure()?.code == .invalidPayload)
        }
    }

    @Test func `a peer's file that is no good is noted, and the next candidate fetched`() async throws {
        try await withTemporaryFolder { folder in
            var world = try TagWorld(folder, .flac)
            try world.replaceSource(with: Data("<html>busy</html>".utf8))
            let liar = world.comesFrom("anna", sha256: SHA256.hash(data: Data("<html>busy</html>".utf8)))
            guard case .again(from: .download, let job, let error) = try await world.handle() else {
                throw TagResult.NotTagged()
            }
            #expect(error.code == .verificationFailed)
            #expect(job.transfer?.falseFiles.map(\.key) == [liar.key])
            #expect(job.transfer?.falseFiles.map(\.user) == ["anna"])
            #expect(job.fetchedFromPeer == liar)
            // The download stage removes it, when it has noted whose it was.
            #expect(try world.names() == ["source.flac"])
        }
    }

    @Test func `a peer's file that was damaged here is fetched once more, and nobody is blamed`() async throws {
        try await withTemporaryFolder { folder in
            var world = try TagWorld(folder, .flac)
            try world.replaceSource(with: Data("<html>busy</html>".utf8))
            world.comesFrom("anna", sha256: SHA256.hash(data: Data("what came".utf8)))
            guard case .retry(_, _, from: .download, nil) = try await world.handle() else {
                throw TagResult.NotTagged()
            }
        }
    }

    @Test func `where the wanted length is not known the announced one counts`() async throws {
        try await withTemporaryFolder { folder in
            var world = try TagWorld(folder, .flac)
            world.job.track.durationMS = nil
            world.comesFrom("anna", announced: 180_000)
            guard case .again(from: .download, _, let error) = try await world.handle() else {
                throw TagResult.NotTagged()
            }
            #expect(error.message.contains("2 s long and 180 s were announced"))
            world.comesFrom("anna", announced: 3000)
            guard case .done(let job, _) = try await world.handle() else { throw TagResult.NotTagged() }
            #expect(job.tag?.verification["length"] == "passed: 1000 ms from the announced length")
        }
    }
}
