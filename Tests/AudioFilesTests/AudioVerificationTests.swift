import AudioFiles
import Fakes
import Foundation
import TestSupport
import Testing

@Suite("Verification")
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

    struct Encoding: Sendable, CustomTestStringConvertible {
        let name: String
        let options: [String]
        var outcome = AudioVerification.Outcome.passed
        var testDescription: String { "\(name) \(options.joined(separator: " "))" }
    }

    static let encodings = [
        Encoding(name: "a.flac", options: ["-ar", "96000", "-sample_fmt", "s32", "-ac", "2"]),
        Encoding(name: "b.flac", options: ["-compression_level", "0", "-frame_size", "1152"]),
        Encoding(name: "c.mp3", options: ["-q:a", "2", "-ar", "44100", "-ac", "2"]),
        Encoding(name: "d.mp3", options: ["-b:a", "128k", "-write_xing", "0"], outcome: .unknown),
        Encoding(name: "e.mp3", options: ["-b:a", "320k", "-ar", "48000", "-write_id3v1", "1", "-write_apetag", "1"]),
        Encoding(name: "f.mp3", options: ["-ar", "8000", "-b:a", "16k"]),
        Encoding(name: "g.mp2", options: ["-ar", "44100"], outcome: .unknown),
        Encoding(name: "h.m4a", options: ["-movflags", "faststart"]),
        Encoding(name: "j.ogg", options: ["-c:a", "libvorbis", "-ac", "2", "-page_duration", "100000"]),
        Encoding(name: "k.opus", options: ["-frame_duration", "60"]),
        Encoding(name: "l.oga", options: ["-c:a", "flac"]),
        Encoding(name: "m.aiff", options: ["-c:a", "pcm_s24be"]),
        Encoding(name: "n.wav", options: ["-c:a", "pcm_f32le"]),
        Encoding(name: "o.wv", options: ["-ac", "2", "-ar", "96000"]),
    ]

    @Test(arguments: encodings)
    func `files of other encoder settings are sound, tagged or not`(encoding: Encoding) async throws {
        try await AudioFixture.withFolder { folder in
            let file = folder.appending(path: encoding.name)
            try FFmpeg.convert(AudioFixture.flac.url, to: file, encoding.options)
            for isTagged in [false, true] {
                if isTagged { try AudioFile.write(TagWritingTests.everyField, to: file.filePath) }
                let result = try AudioVerification.examine(file.filePath)
                #expect(result.failures == [])
                #expect(result.checks.last?.outcome == encoding.outcome, "\(result.evidence)")
                #expect(try FFmpeg.decodedHash(of: file).isEmpty == false)
            }
        }
    }

    @Test
    func `an MP4 file in fragments, which tags would break, is refused`() async throws {
        try await AudioFixture.withFolder { folder in
            let file = folder.appending(path: "stream.m4a")
            try FFmpeg.convert(
                AudioFixture.flac.url, to: file,
                ["-movflags", "frag_keyframe+empty_moov", "-frag_duration", "500000"])
            let before = try Data(contentsOf: file)
            let reason = "failed: the content is an MP4 file in fragments, which is not supported"
            #expect(try AudioVerification.examine(file.filePath).evidence == ["recognised": reason])
            let error = #expect(throws: AudioFileError.self) {
                try AudioFile.write(TagWritingTests.everyField, to: file.filePath)
            }
            #expect(error?.code == .unsupportedFormat)
            #expect(try Data(contentsOf: file) == before)
        }
    }

    @Test
    func `a Monkey's Audio file is complete when all of its parts are present`() async throws {
        var header = Data("MAC ".utf8)
        for number in [UInt16(3990), 0] { withUnsafeBytes(of: number.littleEndian) { header.append(contentsOf: $0) } }
        let parts: [UInt32] = [52, 24, 4, 0, 1000, 0, 0]
        for length in parts { withUnsafeBytes(of: length.littleEndian) { header.append(contentsOf: $0) } }
        let whole = header + Data(count: 1080 - header.count)
        try await AudioFixture.withFolder { folder in
            let file = folder.appending(path: "tone.ape")
            try whole.write(to: file)
            #expect(
                try AudioVerification.examine(file.filePath).evidence["complete"] == "passed: all 1080 bytes are there")
            try whole.dropLast().write(to: file)
            let cut = try AudioVerification.examine(file.filePath).evidence["complete"]
            #expect(cut == "failed: 1079 of 1080 bytes are there")
        }
    }

    @Test(arguments: AudioFixture.allCases)
    func `a damaged file never stops the process`(fixture: AudioFixture) async throws {
        let whole = try [UInt8](Data(contentsOf: fixture.url))
        var random = SeededGenerator(state: 0x5EED)
        try await AudioFixture.withFolder { folder in
            let file = folder.appending(path: "damaged.\(fixture.fileExtension)")
            for round in 0..<150 {
                var bytes = whole
                for _ in 0..<Int.random(in: 1...8, using: &random) {
                    // Mostly within the headers, which contain the numbers that a parser relies on.
                    let limit = round % 3 == 0 ? bytes.count : min(bytes.count, 1200)
                    bytes[Int.random(in: 0..<limit, using: &random)] =
                        [0, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
                }
                try Data(bytes).write(to: file)
                let result = try AudioVerification.examine(file.filePath)
                #expect(!result.checks.isEmpty)
                _ = try? AudioDigest.compute(at: file.filePath)
            }
        }
    }
}

/// A generator that returns the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 29
    }
}
