import AudioFiles
import Fakes
import Foundation
import TestSupport
import Testing

@Suite("Verification of audio files")
struct AudioVerificationTests {
    @Test(arguments: AudioFixture.allCases)
    func `a complete file is sound`(fixture: AudioFixture) throws {
        let result = try AudioVerification.examine(fixture.url.filePath)
        #expect(result.checks.map(\.outcome).allSatisfy { $0 == .passed }, "\(result.evidence)")
        #expect(result.checks.map(\.name).contains("complete"))
        let duration = try #require(result.properties?.durationMS)
        #expect(abs(duration - fixture.durationMS) < 150)
    }

    @Test(arguments: AudioFixture.allCases)
    func `a truncated file is refused, wherever it was cut`(fixture: AudioFixture) async throws {
        let whole = try Data(contentsOf: fixture.url)
        try await AudioFixture.withFolder { folder in
            let cut = folder.appending(path: "cut.\(fixture.fileExtension)")
            var lengths = (1..<40).map { whole.count * $0 / 40 }
            lengths += [1, 2, 5, 20, 100].map { whole.count - $0 } + [1, 4, 12, 40]
            for length in lengths {
                try whole.prefix(length).write(to: cut)
                let result = try AudioVerification.examine(cut.filePath)
                #expect(result.isSound == false, "cut to \(length) of \(whole.count): \(result.evidence)")
            }
        }
    }

    @Test(arguments: AudioFixture.allCases)
    func `a file with an empty end is refused`(fixture: AudioFixture) async throws {
        var bytes = try Data(contentsOf: fixture.url)
        let start = bytes.count * 2 / 3
        bytes.replaceSubrange(start..., with: Data(count: bytes.count - start))
        try await AudioFixture.withFolder { folder in
            let file = folder.appending(path: "hole.\(fixture.fileExtension)")
            try bytes.write(to: file)
            let result = try AudioVerification.examine(file.filePath)
            #expect(result.isSound == false, "\(result.evidence)")
        }
    }

    @Test
    func `a text, an empty file and an unsupported format are refused under any name`() async throws {
        let contents: [(Data, String)] = [
            (Data("Lorem ipsum dolor sit amet\n".utf8), "failed: the content is not audio"),
            (Data(), "failed: the file is empty"),
            (Data(repeating: 0xFF, count: 50_000), "failed: the content is not audio"),
            (
                Data([0x30, 0x26, 0xB2, 0x75] + [UInt8](repeating: 1, count: 500)),
                "failed: the content is Windows Media, which is not supported"
            ),
        ]
        try await AudioFixture.withFolder { folder in
            for (index, (content, reason)) in contents.enumerated() {
                let file = folder.appending(path: "\(index).mp3")
                try content.write(to: file)
                let result = try AudioVerification.examine(file.filePath)
                #expect(result.evidence == ["recognised": reason])
                #expect(result.isSound == false)
                #expect(throws: AudioFileError.self) { try AudioFile.read(at: file.filePath) }
            }
        }
    }

    @Test(arguments: AudioFixture.allCases)
    func `the content decides when the extension is wrong`(fixture: AudioFixture) async throws {
        try await AudioFixture.withFolder { folder in
            let wrongName = fixture == .mp3 ? "wrong.flac" : "wrong.mp3"
            let file = try fixture.copy(to: folder, named: wrongName, tags: TagWritingTests.everyField)
            let result = try AudioVerification.examine(file.filePath)
            #expect(result.failures.map(\.name) == ["extension"])
            #expect(result.isSound)
            let original = try AudioFile.read(at: fixture.url.filePath)
            let read = try AudioFile.read(at: file.filePath)
            #expect(read.properties.codec == original.properties.codec)
            #expect(read.tags.title == TagWritingTests.everyField.title)
        }
    }

    @Test(arguments: [AudioFixture.flac, .aac, .alac, .vorbis, .opus])
    func `foreign bytes at the end are refused`(fixture: AudioFixture) async throws {
        try await AudioFixture.withFolder { folder in
            let file = try fixture.copy(to: folder)
            let handle = try FileHandle(forWritingTo: file)
            try handle.seekToEnd()
            handle.write(Data(repeating: 7, count: 300))
            try handle.close()
            #expect(try AudioVerification.examine(file.filePath).failures.map(\.name) == ["complete"])
        }
    }

    @Test(arguments: [("wav", "pcm"), ("aiff", "pcm"), ("wv", "wavpack")])
    func `the other formats are read, verified and tagged`(suffix: String, codec: String) async throws {
        try await AudioFixture.withFolder { folder in
            let file = folder.appending(path: "tone.\(suffix)")
            try FFmpeg.convert(AudioFixture.flac.url, to: file)
            let digest = try AudioDigest.compute(at: file.filePath)
            #expect(try AudioVerification.examine(file.filePath).failures == [])
            try AudioFile.write(TagWritingTests.everyField, to: file.filePath)
            let read = try AudioFile.read(at: file.filePath)
            #expect(read.properties.codec == codec)
            #expect(read.properties.durationMS == 2000)
            #expect(read.tags.title == TagWritingTests.everyField.title)
            #expect(try AudioDigest.compute(at: file.filePath) == digest)
            #expect(try AudioVerification.examine(file.filePath).failures == [])
            let whole = try Data(contentsOf: file)
            try whole.prefix(whole.count / 2).write(to: file)
            #expect(try AudioVerification.examine(file.filePath).isSound == false)
        }
    }
}
