"""Cameras (摄像机): from which hosts a page may play a stream, and whether one may be played at all."""
