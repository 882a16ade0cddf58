import AudioFiles
import Contracts
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
}
