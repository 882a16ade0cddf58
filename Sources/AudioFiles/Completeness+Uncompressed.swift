extension Completeness {
    /// The sample data of a WAV or AIFF file lies within the file.
    static func riff(
        _ file: FileBytes, order: RIFFChunks.Order, audio: String
    ) throws(AudioFileError) -> Completeness {
        let riff = try RIFFChunks(in: file, order: order)
        guard let content = riff.named(audio).first else { return .failed("the chunk \(audio) is missing") }
        guard content.count > 0 else { return .failed("the chunk \(audio) is empty") }
        // A recorder that could not go back left the largest number.
        guard content.count < 0xFFFF_FF00 else { return .unknown("the file does not state its length") }
        guard content.upperBound <= file.size, riff.statedEnd <= file.size + 1 else {
            return .failed("the file ends \(max(content.upperBound, riff.statedEnd) - file.size) bytes early")
        }
        return .passed("all \(content.count) bytes of samples are there")
    }
}
