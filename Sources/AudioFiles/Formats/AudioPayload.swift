import Files

/// The parts of a file that are audio, without tags and pictures.
struct AudioPayload {
    /// In the order of the audio.
    let ranges: [Range<Int64>]
    /// Numbers that must not change either, such as the positions of chunks within the media data.
    let positions: [Int64]

    init(ranges: [Range<Int64>], positions: [Int64] = []) {
        self.ranges = ranges
        self.positions = positions
    }

    /// Everything from `start` to the tags at the end of the file.
    init(from start: Int64, in file: FileBytes) throws(AudioFileError) {
        self.init(ranges: [start..<max(start, try TrailingTags.start(in: file))])
    }

    var byteCount: Int64 { ranges.reduce(0) { $0 + Int64($1.count) } }
}

extension AudioPayload {
    /// Returns the SHA-256 of the ranges and positions, in lower-case hexadecimal. Blocks on the disk.
    func sha256(in file: FileBytes) throws(AudioFileError) -> String {
        var hash = ContentHash()
        do throws(FileError) {
            for range in ranges { try hash.update(range.clamped(to: 0..<file.size), of: file.file) }
        } catch {
            throw AudioFileError(error, file.path)
        }
        for position in positions {
            withUnsafeBytes(of: position.littleEndian) { hash.update($0) }
        }
        return hash.hexadecimal
    }
}
