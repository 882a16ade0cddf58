import AudioFiles
import Fakes
import Foundation
import TestSupport
import Testing

@Suite("Verification of other files")
struct AudioEncodingTests {
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
