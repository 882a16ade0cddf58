import Fakes
import Foundation

@testable import AudioFiles

/// Files of each format with two seconds of sound.
enum AudioSample {
    static let durationMS = 2000

    /// FFmpeg makes the file for the format's extension. It cannot encode Monkey's Audio.
    static func make(of container: any AudioContainer, in folder: URL) throws -> URL {
        let file = folder.appending(path: "sample.\(container.fileExtensions.first ?? "")")
        if container.name == "ape" {
            try monkeysAudio().write(to: file)
        } else {
            try FFmpeg.convert(AudioFixture.flac.url, to: file)
        }
        return file
    }

    /// The headers of a Monkey's Audio file, with other bytes in place of encoded samples.
    static func monkeysAudio(frameBytes: UInt32 = 20_000) -> Data {
        var data = Data("MAC ".utf8)
        func append(_ number: some FixedWidthInteger) {
            withUnsafeBytes(of: number.littleEndian) { data.append(contentsOf: $0) }
        }
        for number in [UInt16(3990), 0] { append(number) }
        // Descriptor, header, seek table, header of the original, frames (two numbers), trailer of the original.
        for length in [UInt32(52), 24, 4, 0, frameBytes, 0, 0] { append(length) }
        data.append(Data(count: 16))
        for number in [UInt16(2000), 0] { append(number) }
        for number in [UInt32(294_912), 88_200, 1] { append(number) }
        for number in [UInt16(16), 1] { append(number) }
        append(UInt32(44_100))
        append(UInt32(80))
        var random = SeededGenerator(state: 0xA9E)
        return data + Data((0..<frameBytes).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
}
