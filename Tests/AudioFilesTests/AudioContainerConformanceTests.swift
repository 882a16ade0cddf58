import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

@testable import AudioFiles

/// What every format must do. The suite runs over the list of formats, so that a new format is tested without a new test.
@Suite struct `Every audio container` {
    struct Format: Sendable, CustomTestStringConvertible {
        let container: any AudioContainer
        var testDescription: String { container.name }
    }

    static let formats = AudioContainers.all.map { Format(container: $0) }

    /// Runs a test with a sample of a format, under a name with its first extension.
    private static func withSample(_ format: Format, _ test: (URL, Data) async throws -> Void) async throws {
        try await AudioFixture.withFolder { folder in
            let file = try AudioSample.make(of: format.container, in: folder)
            try await test(file, try Data(contentsOf: file))
        }
    }

    @Test func `has a unique name, and extensions in lower case`() {
        let names = Self.formats.map(\.container.name)
        #expect(Set(names).count == names.count)
        for format in Self.formats {
            #expect(!format.container.fileExtensions.isEmpty)
            for suffix in format.container.fileExtensions + [format.container.tagLibExtension] {
                #expect(suffix.wholeMatch(of: /[a-z0-9]+/) != nil, "\(format.container.name): \(suffix)")
            }
        }
    }

    @Test func `has its extensions in the list of searched extensions, except those of videos`() {
        let searched = Set(AudioFileExtension.allCases.map(\.rawValue))
        #expect(AudioFormat.allFileExtensions.subtracting(["mp4"]) == searched)
    }

    @Test(arguments: formats)
    func `recognises its files by their content, and no other format does`(format: Format) async throws {
        try await Self.withSample(format) { file, content in
            let renamed = file.deletingLastPathComponent().appending(path: "without-extension")
            try content.write(to: renamed)
            #expect(try AudioContent.detect(at: renamed.filePath) == .audio(AudioFormat(format.container)))
            let bytes = try FileBytes(path: renamed.filePath)
            let head = try bytes.bytes(at: 0, count: 64)
            for other in AudioContainers.all where !other.isFoundBySearch {
                let recognition = try other.recognise(bytes, from: 0, head: head)
                #expect((recognition == .yes) == (other.name == format.container.name), "\(other.name)")
            }
        }
    }

    @Test(arguments: formats)
    func `finds a complete file sound`(format: Format) async throws {
        try await Self.withSample(format) { file, _ in
            let result = try AudioVerification.examine(file.filePath)
            #expect(result.failures == [])
            #expect(result.checks.last?.outcome == .passed, "\(result.evidence)")
            let properties = try #require(result.properties)
            // FFmpeg cannot return to the header of a FLAC stream in an Ogg file.
            let isOpen = properties.durationMS == 0 && format.container.mayLackDuration
            #expect(isOpen || abs(properties.durationMS - AudioSample.durationMS) < 150)
            #expect(properties.codec != "unknown")
            if let codec = format.container.codec { #expect(properties.codec == codec) }
        }
    }

    @Test(arguments: formats)
    func `reads back its tags, and writing them changes neither the audio nor its completeness`(
        format: Format
    ) async throws {
        try await Self.withSample(format) { file, _ in
            let digest = try AudioDigest.compute(at: file.filePath)
            var tags = TagWritingTests.everyField
            tags.other["LYRICS"] = [String(repeating: "langur texti ", count: 5000)]
            try AudioFile.write(tags, to: file.filePath)
            try AudioFile.embedFrontCover(pixel, mimeType: "image/png", in: file.filePath)
            let read = try AudioFile.read(at: file.filePath)
            #expect(read.pictureCount == 1)
            for (key, values) in tags.other { #expect(read.tags.other[key] == values, "\(key)") }
            var fields = read.tags
            fields.other = [:]
            #expect(fields == TagWritingTests.everyField)
            #expect(try AudioDigest.compute(at: file.filePath) == digest)
            #expect(try AudioVerification.examine(file.filePath).failures == [])
        }
    }

    @Test(arguments: formats)
    func `hashes its audio: another byte of it is another hash`(format: Format) async throws {
        try await Self.withSample(format) { file, content in
            let digest = try AudioDigest.compute(at: file.filePath)
            let payload = try format.container.payload(of: FileBytes(path: file.filePath))
            let last = try #require(payload.ranges.last { !$0.isEmpty })
            var changed = content
            changed[changed.startIndex + Int(last.lowerBound + Int64(last.count) / 2)] ^= 0xFF
            try changed.write(to: file)
            #expect(try AudioDigest.compute(at: file.filePath) != digest)
        }
    }

    @Test(arguments: formats)
    func `refuses a truncated file`(format: Format) async throws {
        try await Self.withSample(format) { file, content in
            let payload = try format.container.payload(of: FileBytes(path: file.filePath))
            let end = try #require(payload.ranges.last { !$0.isEmpty }.map { Int($0.upperBound) })
            for length in [end - 1, end * 3 / 4, end / 2, end / 10, 40, 4] {
                try content.prefix(length).write(to: file)
                let result = try AudioVerification.examine(file.filePath)
                #expect(!result.isSound, "cut to \(length) of \(content.count): \(result.evidence)")
            }
        }
    }

    @Test(arguments: formats)
    func `refuses junk under its extension and after its signature`(format: Format) async throws {
        try await Self.withSample(format) { file, content in
            var random = SeededGenerator(state: 0xD15C)
            let junk = Data((0..<40_000).map { _ in UInt8.random(in: 0...255, using: &random) })
            for bytes in [junk, Data(count: 40_000), Data()] {
                try bytes.write(to: file)
                #expect(try !AudioVerification.examine(file.filePath).isSound)
                #expect(throws: AudioFileError.self) {
                    try AudioFile.write(TagWritingTests.everyField, to: file.filePath)
                }
            }
            try (content.prefix(64) + junk).write(to: file)
            #expect(try !AudioVerification.examine(file.filePath).isSound)
        }
    }
}
