/// Monkey's Audio.
struct APEContainer: AudioContainer {
    let name = "ape"
    let fileExtensions = ["ape"]
    let codec: String? = "ape"

    func recognise(_ file: FileBytes, from start: Int64, head: [UInt8]) -> Recognition {
        head.has("MAC ", at: 0) ? .yes : .no
    }

    func payload(of file: FileBytes) throws(AudioFileError) -> AudioPayload {
        try AudioPayload(from: try ID3v2Header.end(in: file), in: file)
    }

    /// The parts of the file, as its descriptor lists them, fit into the file.
    func completeness(of file: FileBytes) throws(AudioFileError) -> Completeness {
        let start = try ID3v2Header.end(in: file)
        guard let version = try file.littleEndian(at: start + 4, count: 2) else {
            return .failed("the header is incomplete")
        }
        guard version >= 3980 else { return .unknown("version \(version) has no table of its parts") }
        // Descriptor, header, seek table, header of the original, frames (two numbers), trailer of the original.
        var stated: UInt64 = 0
        for field in 0..<7 {
            guard let length = try file.littleEndian(at: start + 8 + Int64(field * 4), count: 4) else {
                return .failed("the header is incomplete")
            }
            stated += field == 5 ? length << 32 : length
        }
        let present = UInt64(clamping: try TrailingTags.start(in: file) - start)
        return stated <= present
            ? .passed("all \(stated) bytes are there") : .failed("\(present) of \(stated) bytes are there")
    }
}
