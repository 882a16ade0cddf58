import AudioFiles
import AudioSources
import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// The public parts for sources that offer local files.
@Suite("Offers and copies of local files")
struct LocalFileTests {
    @Test("The offer of a file has its size, properties and tags", arguments: AudioFixture.allCases)
    func readsOffer(_ fixture: AudioFixture) async throws {
        try await AudioFixture.withFolder { folder in
            var tags = AudioTags()
            tags.title = "Song"
            tags.artist = "Band"
            let file = try fixture.copy(to: folder, tags: tags)
            let offer = try OfferedFile(reading: file.filePath, source: "list")
            #expect(offer.source == "list" && offer.path == file.filePath)
            #expect(offer.size == Int64(try Data(contentsOf: file).count))
            #expect(abs((offer.durationMS ?? 0) - fixture.durationMS) < 200)
            #expect(offer.tags?.title == "Song" && offer.tags?.artist == "Band")
        }
    }

    @Test("A file that is not audio is offered without properties, and a missing file is an error")
    func readsOtherFiles() async throws {
        try await AudioFixture.withFolder { folder in
            let file = folder.appending(path: "noise.mp3")
            try Data(repeating: 1, count: 5000).write(to: file)
            let offer = try OfferedFile(reading: file.filePath, source: "list")
            #expect(offer.size == 5000 && offer.durationMS == nil && offer.tags == nil)
            let error = #expect(throws: SourceError.self) {
                try OfferedFile(reading: folder.appending(path: "missing.mp3").filePath, source: "list")
            }
            #expect(error?.code == .gone)
        }
    }

    @Test("A copy has the content of the original, and a second run adopts it")
    func copies() async throws {
        try await AudioFixture.withFolder { folder in
            let original = try AudioFixture.flac.copy(to: folder.appending(path: "list"))
            let content = try Data(contentsOf: original)
            let job = folder.appending(path: "job")
            let copy = DurableCopy(of: original.filePath, size: Int64(content.count), into: job)
            let file = try await copy.run()
            #expect(try Data(contentsOf: file.file) == content)
            #expect(try await copy.run() == file)
            let names = try FileManager.default.contentsOfDirectory(atPath: job.filePath)
            #expect(names == ["source.flac"])
            let other = DurableCopy(of: original.filePath, size: 1, into: job)
            let error = await #expect(throws: SourceError.self) { try await other.run() }
            #expect(error?.code == .changed)
        }
    }
}
